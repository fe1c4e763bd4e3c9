import functools
import json
import os
import shutil

import numpy as np
import pytest
import soundfile

from pipelines.errors import UserError
from tests.tools.rendering.paired.fakes import work
from tools.rendering import soundfonts, synth
from tools.rendering.paired import rendering
from tools.rendering.paired.ensembles import BANDS, GENERIC
from tools.rendering.paired.plan import Recording
from tools.rendering.records import CHECKED
from tools.rendering.repertoire import excerpts

pytest.importorskip("music21", reason="MIDI is written by music21, an optional extra (render)")

RATE = synth.SAMPLE_RATE


def _recording(ensemble=GENERIC["piano"], path="test/rock/a.source.ogg", **more):
    piece = next(excerpts(work(0, quarters=8).piece, (6, 9)))
    return Recording(path, "test", ensemble, work(0), piece, 120.0, "seed", **more)


def _sines(notes, seconds):
    """Notes as sinusoids, float32 [samples, 2]."""
    time = np.arange(round(seconds * RATE)) / RATE
    mono = np.zeros_like(time)
    for note in notes:
        on = (time >= note.start) & (time < note.end)
        mono[on] += 0.05 * np.sin(2 * np.pi * 440 * 2 ** ((note.pitch - 69) / 12) * time[on])
    return np.stack([mono, mono], axis=1).astype(np.float32)


@pytest.fixture
def font(tmp_path):
    path = tmp_path / "font.sf2"
    path.write_bytes(b"a font")
    return path


@pytest.fixture
def rendered(monkeypatch):
    """Fake of FluidSynth; the list of rendered MIDI files."""
    calls = []

    def fake_render(midi, seconds, soundfont, lufs, notes):
        calls.append(midi)
        return _sines(notes, seconds)

    monkeypatch.setattr(
        synth, "render_at_loudness", functools.partial(fake_render, notes=_recording().notes())
    )
    return calls


def test_a_song_is_rendered_measured_and_linked(tmp_path, font, rendered):
    out = tmp_path / "bench"
    recording = _recording(copies=("test/jazz/a.source.ogg",))
    row = rendering.render(recording, font, out).row
    assert soundfile.info(out / recording.path).samplerate == RATE
    assert (row["path"], row["split"], row["instrument"]) == (recording.path, "test", "piano")
    assert row["chroma_to_score"] > 0.8
    assert row["seconds"] == pytest.approx(8 * 0.5 + 0.2 + 1, abs=0.1)
    assert os.path.samefile(out / recording.path, out / recording.copies[0])
    assert not list(out.rglob(".new-*"))


def test_complete_files_are_kept_and_others_rendered_again(tmp_path, font, rendered):
    out, recording = tmp_path / "bench", _recording(copies=("test/jazz/a.source.ogg",))
    first = rendering.render(recording, font, out)
    assert rendering.render(recording, font, out) == first
    assert len(rendered) == 1
    (out / recording.copies[0]).unlink()
    rendering.render(recording, font, out)
    assert ((out / recording.copies[0]).exists(), len(rendered)) == (True, 1)
    (out / recording.path).write_bytes(b"half a file")
    assert rendering.render(recording, font, out) == first
    assert len(rendered) == 2
    (out / CHECKED / f"{recording.path}.json").write_text('{"key":')
    rendering.render(recording, font, out)
    assert len(rendered) == 3


def test_another_instrument_is_rendered_again(tmp_path, font, rendered):
    rendering.render(_recording(), font, tmp_path / "bench")
    rendering.render(_recording(GENERIC["harp"]), font, tmp_path / "bench")
    assert len(rendered) == 2


def test_rendering_with_wrong_notes_is_not_kept(tmp_path, font, monkeypatch):
    noise = np.random.default_rng(0).normal(0, 0.1, (RATE * 5, 2)).astype(np.float32)
    monkeypatch.setattr(synth, "render_at_loudness", lambda *arguments: noise)
    outcome = rendering.render(_recording(), font, tmp_path / "bench")
    assert outcome.row is None
    assert outcome.error.startswith("test/rock/a.source.ogg has a chroma_to_score of 0.")
    assert not [path for path in (tmp_path / "bench").rglob("*") if path.is_file()]


def test_error_of_the_synthesiser_is_an_outcome(tmp_path, font, monkeypatch):
    def fail(*arguments):
        raise UserError("FluidSynth's output peaks at 0.000")

    monkeypatch.setattr(synth, "render_at_loudness", fail)
    outcome = rendering.render(_recording(), font, tmp_path / "bench")
    assert (outcome.row, outcome.error) == (None, "FluidSynth's output peaks at 0.000")


def test_midi_file_has_no_drums(tmp_path, font, rendered):
    music21 = pytest.importorskip("music21", reason="MIDI is written by music21, an optional extra (render)")
    recording = _recording(BANDS["jazz"], "test/jazz/a.band.ogg", midi="test/jazz/a.notes.mid")
    assert recording.drums()
    rendering.render(recording, font, tmp_path)
    file = music21.midi.MidiFile()
    file.readstr((tmp_path / recording.midi).read_bytes())
    pitches = [e.parameter1 for t in file.tracks for e in t.events if e.isNoteOn()]
    assert sorted(pitches) == sorted(note.pitch for note in recording.notes())
    assert {e.channel for t in file.tracks for e in t.events if e.isNoteOn()} == {1, 2, 3, 4}


def _real_font():
    if shutil.which("fluidsynth") is None:
        return None
    try:
        return soundfonts.find_soundfont()
    except UserError:
        return None


@pytest.mark.skipif(_real_font() is None, reason="FluidSynth or FluidR3_GM is not installed")
def test_fluidsynth_is_reproducible_at_the_right_loudness(tmp_path):
    recording = _recording(BANDS["jazz"], "bands/jazz/a.ogg")
    rows = [rendering.render(recording, _real_font(), tmp_path / run).row for run in "12"]
    assert rows[0] == rows[1]
    assert (tmp_path / "1" / recording.path).read_bytes() == (tmp_path / "2" / recording.path).read_bytes()
    assert rows[0]["lufs"] == pytest.approx(rendering.LUFS, abs=0.5)
    assert json.dumps(rows[0])
