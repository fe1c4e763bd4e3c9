import dataclasses
import json
import shutil

import numpy as np
import pyloudnorm
import pytest
import soundfile

from pipelines.errors import UserError
from pipelines.metrics.notes_file import read_notes
from tests.tools.rendering.transcription.scenes import RATE, font, lessons, sines, tune
from tools.rendering import synth
from tools.rendering.midi import DRUMS
from tools.rendering.records import CHECKED
from tools.rendering.transcription import rendering, soundfont_check
from tools.rendering.transcription.plan import plan
from tools.rendering.transcription.soundfonts import Orchestra
from tools.rendering.transcription.splits import Take

pytest.importorskip("music21", reason="MIDI is written by music21, an optional extra (render)")


@pytest.fixture
def lesson(tmp_path):
    found = lessons([Take("train", tune(1))], Orchestra({font(tmp_path): 1.0}, font(tmp_path, "held.sf2")))[0]
    return dataclasses.replace(found, effects=("equaliser", "low mp3"))


@pytest.fixture
def played(monkeypatch, lesson):
    """Replaces FluidSynth; the list of what was played grows."""
    calls = []

    def render(midi, seconds, soundfont):
        calls.append(midi)
        return sines([note for note in lesson.notes if note.voice != DRUMS], seconds)

    monkeypatch.setattr(synth, "render", render)
    return calls


def test_a_lesson_is_rendered_with_its_notes(lesson, played, tmp_path):
    outcome = rendering.render(lesson, tmp_path / "out")
    assert outcome.problem == ""
    samples, rate = soundfile.read(tmp_path / "out" / outcome.row["audio"])
    assert (rate, samples.shape) == (RATE, (round(lesson.seconds * RATE), 2))
    assert pyloudnorm.Meter(RATE).integrated_loudness(samples) == pytest.approx(rendering.LUFS, abs=0.5)
    notes = read_notes(tmp_path / "out" / outcome.row["notes"])
    written = sorted((note.start, note.pitch) for note in lesson.notes if note.voice != DRUMS)
    assert np.allclose(notes[:, 0], [start for start, _ in written], atol=2e-3)
    assert sorted(notes[:, 2]) == sorted(pitch for _, pitch in written)
    assert not list((tmp_path / "out").rglob(".new-*"))


def test_the_row_says_all(lesson, played, tmp_path):
    row = rendering.render(lesson, tmp_path / "out").row
    assert (row["split"], row["piece"], row["kind"], row["composer"]) == (
        "train",
        "folk1",
        "folk",
        "traditional",
    )
    assert (row["soundfont"], row["effects"]) == ("font.sf2", ["equaliser", "low mp3"])
    assert row["programs"] == sorted(lesson.ensemble.programs)
    assert row["drums"] == (lesson.ensemble.kit is not None)
    assert row["chroma_to_score"] > 0.8
    assert row["licence"].endswith("sounds of font")
    assert json.loads(json.dumps(row)) == row


def test_a_checked_lesson_is_kept_and_a_changed_or_lost_one_made_again(lesson, played, tmp_path):
    first = rendering.render(lesson, tmp_path / "out")
    assert rendering.render(lesson, tmp_path / "out") == first
    notes = tmp_path / "out" / lesson.score
    written = notes.read_bytes()
    notes.unlink()
    assert rendering.render(lesson, tmp_path / "out") == first
    assert (len(played), notes.read_bytes()) == (1, written)
    audio = tmp_path / "out" / lesson.audio
    data = audio.read_bytes()
    audio.write_bytes(data[:-10])
    rendering.render(lesson, tmp_path / "out")
    assert (len(played), audio.read_bytes()) == (2, data)
    rendering.render(dataclasses.replace(lesson, seed=lesson.seed + 1), tmp_path / "out")
    assert (len(played), audio.read_bytes() != data) == (3, True)


@pytest.mark.parametrize(
    ("bad", "reason"), [("pitch", "chroma"), ("late", "onsets come"), ("silent", "silent")]
)
def test_what_does_not_play_its_notes_is_named_and_not_kept(lesson, bad, reason, monkeypatch, tmp_path):
    notes = [note for note in lesson.notes if note.voice != DRUMS]
    if bad == "pitch":
        notes = [dataclasses.replace(note, pitch=note.pitch + 1) for note in notes]
    samples = sines(notes, lesson.seconds) * (0 if bad == "silent" else 1)
    samples = np.roll(samples, round(0.08 * RATE) if bad == "late" else 0, axis=0)
    monkeypatch.setattr(synth, "render", lambda *_: samples)
    outcome = rendering.render(lesson, tmp_path / "out")
    assert outcome.row is None
    assert reason in outcome.problem
    assert f"font.sf2, program {', '.join(map(str, sorted(lesson.ensemble.programs)))}" in outcome.problem
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not (tmp_path / "out" / CHECKED).exists()


def test_a_slow_instrument_may_be_late_by_its_attack(lesson, monkeypatch, tmp_path):
    samples = sines([note for note in lesson.notes if note.voice != DRUMS], lesson.seconds)
    monkeypatch.setattr(synth, "render", lambda *_: np.roll(samples, round(0.08 * RATE), axis=0))
    assert rendering.render(dataclasses.replace(lesson, attack=0.1), tmp_path / "out").row


def _real_font():
    if shutil.which("fluidsynth") is None:
        return None
    try:
        return synth.find_soundfont()
    except UserError:
        return None


@pytest.mark.skipif(_real_font() is None, reason="FluidSynth or FluidR3_GM is not installed")
def test_fluidsynth_plays_what_is_written_and_the_same_bytes_again(tmp_path):
    path = _real_font()
    heard = soundfont_check._playable(soundfont_check._heard(path, [0, 6]))
    assert set(heard) == {0, 6}
    orchestra = Orchestra({path: 1.0}, font(tmp_path))
    lesson = plan([Take("train", tune(1))], orchestra, dict.fromkeys([path, orchestra.held_out], heard), 0)[0]
    outcomes = [rendering.render(lesson, tmp_path / run) for run in "12"]
    assert outcomes[0].row == outcomes[1].row is not None
    files = [(tmp_path / run / lesson.audio).read_bytes() for run in "12"]
    assert files[0] == files[1]
