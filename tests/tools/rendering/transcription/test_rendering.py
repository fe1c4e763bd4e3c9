import dataclasses
import json
import shutil

import numpy as np
import pyloudnorm
import pytest
import soundfile

from pipelines.errors import UserError
from pipelines.metrics.notes_file import read_notes
from tests.tools.rendering.transcription.fakes import RATE, font, plan_recordings, sines, tune
from tools.rendering import soundfonts, synth
from tools.rendering.midi import DRUMS
from tools.rendering.records import CHECKED
from tools.rendering.transcription import rendering, soundfont_check
from tools.rendering.transcription.plan import plan
from tools.rendering.transcription.soundfonts import SoundFonts
from tools.rendering.transcription.splits import SplitWork

pytest.importorskip("music21", reason="MIDI is written by music21, an optional extra (render)")


@pytest.fixture
def recording(tmp_path):
    planned = plan_recordings(
        [SplitWork("train", tune(1))], SoundFonts({font(tmp_path): 1.0}, font(tmp_path, "held.sf2"))
    )[0]
    return dataclasses.replace(planned, effects=("equaliser", "low mp3"))


@pytest.fixture
def rendered(monkeypatch, recording):
    """Fake of FluidSynth; the list of rendered MIDI files."""
    calls = []

    def render(midi, seconds, soundfont):
        calls.append(midi)
        return sines([note for note in recording.notes if note.voice != DRUMS], seconds)

    monkeypatch.setattr(synth, "render", render)
    return calls


def test_recording_is_rendered_with_its_notes(recording, rendered, tmp_path):
    outcome = rendering.render(recording, tmp_path / "out")
    assert outcome.error == ""
    samples, rate = soundfile.read(tmp_path / "out" / outcome.row["audio"])
    assert (rate, samples.shape) == (RATE, (round(recording.seconds * RATE), 2))
    assert pyloudnorm.Meter(RATE).integrated_loudness(samples) == pytest.approx(rendering.LUFS, abs=0.5)
    notes = read_notes(tmp_path / "out" / outcome.row["notes"])
    written = sorted((note.start, note.pitch) for note in recording.notes if note.voice != DRUMS)
    assert np.allclose(notes[:, 0], [start for start, _ in written], atol=2e-3)
    assert sorted(notes[:, 2]) == sorted(pitch for _, pitch in written)
    assert not list((tmp_path / "out").rglob(".new-*"))


def test_a_sung_part_is_not_played(recording, monkeypatch, tmp_path):
    """All notes are sung here, since the ensemble has one part at least: FluidSynth is given the others."""
    given = []

    def render(score, seconds, soundfont):
        given.append(score)
        return np.zeros((round(seconds * RATE), 2), np.float32)

    monkeypatch.setattr(synth, "render", render)
    sung = dataclasses.replace(
        recording,
        effects=(),
        is_sung=True,
        attack=0.06,
        notes=tuple(dataclasses.replace(note, voice=0) for note in recording.notes if note.voice == 0),
    )
    outcome = rendering.render(sung, tmp_path / "out")
    assert outcome.error == ""
    assert outcome.row["sung"]
    assert outcome.row["chroma_to_score"] > 0.7
    (tmp_path / "given.mid").write_bytes(given[0])
    assert not len(read_notes(tmp_path / "given.mid"))
    assert len(read_notes(tmp_path / "out" / outcome.row["notes"])) == len(sung.notes)


def test_an_overdriven_part_is_played_alone(recording, monkeypatch, tmp_path):
    given, parts = [], {note.voice for note in recording.notes}
    monkeypatch.setattr(
        synth, "render", lambda score, *_: (given.append(score), sines(recording.notes, 14))[1]
    )
    monkeypatch.setattr(rendering, "_check", lambda *_: 1.0)
    driven = dataclasses.replace(recording, effects=(), driven=min(parts), seconds=14.0)
    outcome = rendering.render(driven, tmp_path / "out")
    assert outcome.row["overdriven"]
    numbers = []
    for score in given:
        (tmp_path / "given.mid").write_bytes(score)
        numbers.append(len(read_notes(tmp_path / "given.mid")))
    alone = sum(note.voice == min(parts) for note in recording.notes)
    assert numbers == [len(read_notes(tmp_path / "out" / outcome.row["notes"])) - alone, alone]


def test_labels_end_where_notes_are_no_longer_audible(recording, rendered, tmp_path):
    audible = tuple(dataclasses.replace(note, length=0.1) for note in recording.notes)
    row = rendering.render(dataclasses.replace(recording, audible=audible), tmp_path / "out").row
    notes = read_notes(tmp_path / "out" / row["notes"])
    assert np.allclose(notes[:, 1] - notes[:, 0], 0.1, atol=3e-3)
    (tmp_path / "played.mid").write_bytes(rendered[0])
    played = read_notes(tmp_path / "played.mid")
    assert len(played) == len(notes)
    assert (played[:, 1] - played[:, 0]).mean() > 0.2


def test_row_of_the_catalogue(recording, rendered, tmp_path):
    row = rendering.render(recording, tmp_path / "out").row
    assert (row["split"], row["piece"], row["kind"], row["composer"]) == (
        "train",
        "folk1",
        "folk",
        "traditional",
    )
    assert (row["soundfont"], row["effects"]) == ("font.sf2", ["equaliser", "low mp3"])
    assert row["programs"] == sorted(recording.ensemble.programs)
    assert row["drums"] == (recording.ensemble.kit is not None)
    assert row["chroma_to_score"] > 0.8
    assert row["licence"].endswith("sounds of font")
    assert json.loads(json.dumps(row)) == row


@pytest.mark.slow
def test_complete_files_are_kept_and_others_rendered_again(recording, rendered, tmp_path):
    first = rendering.render(recording, tmp_path / "out")
    assert rendering.render(recording, tmp_path / "out") == first
    notes = tmp_path / "out" / recording.midi
    written = notes.read_bytes()
    notes.unlink()
    assert rendering.render(recording, tmp_path / "out") == first
    assert (len(rendered), notes.read_bytes()) == (1, written)
    audio = tmp_path / "out" / recording.path
    data = audio.read_bytes()
    audio.write_bytes(data[:-10])
    rendering.render(recording, tmp_path / "out")
    assert (len(rendered), audio.read_bytes()) == (2, data)
    rendering.render(dataclasses.replace(recording, seed=recording.seed + 1), tmp_path / "out")
    assert (len(rendered), audio.read_bytes() != data) == (3, True)


@pytest.mark.parametrize(
    ("bad", "reason"), [("pitch", "chroma"), ("late", "onset delay"), ("silent", "silent")]
)
def test_rendering_with_wrong_notes_is_not_kept(recording, bad, reason, monkeypatch, tmp_path):
    notes = [note for note in recording.notes if note.voice != DRUMS]
    if bad == "pitch":
        notes = [dataclasses.replace(note, pitch=note.pitch + 1) for note in notes]
    samples = sines(notes, recording.seconds) * (0 if bad == "silent" else 1)
    samples = np.roll(samples, round(0.08 * RATE) if bad == "late" else 0, axis=0)
    monkeypatch.setattr(synth, "render", lambda *_: samples)
    outcome = rendering.render(recording, tmp_path / "out")
    assert outcome.row is None
    assert reason in outcome.error
    assert f"font.sf2, program {', '.join(map(str, sorted(recording.ensemble.programs)))}" in outcome.error
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not (tmp_path / "out" / CHECKED).exists()


def test_onset_delay_may_include_the_attack(recording, monkeypatch, tmp_path):
    samples = sines([note for note in recording.notes if note.voice != DRUMS], recording.seconds)
    monkeypatch.setattr(synth, "render", lambda *_: np.roll(samples, round(0.08 * RATE), axis=0))
    assert rendering.render(dataclasses.replace(recording, attack=0.1), tmp_path / "out").row


def _real_font():
    if shutil.which("fluidsynth") is None:
        return None
    try:
        return soundfonts.find_soundfont()
    except UserError:
        return None


@pytest.mark.slow
@pytest.mark.skipif(_real_font() is None, reason="FluidSynth or FluidR3_GM is not installed")
def test_fluidsynth_is_reproducible(tmp_path):
    path = _real_font()
    instruments = soundfont_check._usable(soundfont_check._measure(path, [0, 6]))
    assert set(instruments) == {0, 6}
    fonts = SoundFonts({path: 1.0}, font(tmp_path))
    recording = plan(
        [SplitWork("train", tune(1))], fonts, dict.fromkeys([path, fonts.held_out], instruments), 0
    )[0]
    outcomes = [rendering.render(recording, tmp_path / run) for run in "12"]
    assert outcomes[0].row == outcomes[1].row is not None
    files = [(tmp_path / run / recording.path).read_bytes() for run in "12"]
    assert files[0] == files[1]
