import functools
import json
import os
import shutil

import numpy as np
import pytest
import soundfile

from pipelines.errors import UserError
from tests.tools.rendering.paired.scenes import work
from tools.rendering import synth
from tools.rendering.paired import rendering
from tools.rendering.paired.ensembles import BANDS, GENERIC
from tools.rendering.paired.plan import Song
from tools.rendering.records import CHECKED
from tools.rendering.repertoire import excerpts

pytest.importorskip("music21", reason="MIDI is written by music21, an optional extra (render)")

RATE = synth.SAMPLE_RATE


def _song(ensemble=GENERIC["piano"], path="test/rock/a.source.ogg", **more):
    piece = next(excerpts(work(0, quarters=8).piece, (6, 9)))
    return Song(path, "test", ensemble, work(0), piece, 120.0, "seed", **more)


def _sines(notes, seconds):
    """Stereo sound of notes on an instrument without overtones, float32 [samples, 2]."""
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
def played(monkeypatch):
    """Replaces FluidSynth; the list of what was played grows."""
    calls = []

    def play(midi, seconds, soundfont, lufs, notes):
        calls.append(midi)
        return _sines(notes, seconds)

    monkeypatch.setattr(synth, "play", functools.partial(play, notes=_song().notes()))
    return calls


def test_a_song_is_rendered_measured_and_linked(tmp_path, font, played):
    out = tmp_path / "bench"
    song = _song(copies=("test/jazz/a.source.ogg",))
    row = rendering.render(song, font, out).row
    assert soundfile.info(out / song.path).samplerate == RATE
    assert (row["path"], row["split"], row["instrument"]) == (song.path, "test", "piano")
    assert row["chroma_to_score"] > 0.8
    assert row["seconds"] == pytest.approx(8 * 0.5 + 0.2 + 1, abs=0.1)
    assert os.path.samefile(out / song.path, out / song.copies[0])
    assert not list(out.rglob(".new-*"))


def test_a_checked_file_is_kept_and_a_changed_or_lost_one_made_again(tmp_path, font, played):
    out, song = tmp_path / "bench", _song(copies=("test/jazz/a.source.ogg",))
    first = rendering.render(song, font, out)
    assert rendering.render(song, font, out) == first
    assert len(played) == 1
    (out / song.copies[0]).unlink()
    rendering.render(song, font, out)
    assert ((out / song.copies[0]).exists(), len(played)) == (True, 1)
    (out / song.path).write_bytes(b"half a file")
    assert rendering.render(song, font, out) == first
    assert len(played) == 2
    (out / CHECKED / f"{song.path}.json").write_text('{"key":')
    rendering.render(song, font, out)
    assert len(played) == 3


def test_another_instrument_is_another_rendering(tmp_path, font, played):
    rendering.render(_song(), font, tmp_path / "bench")
    rendering.render(_song(GENERIC["harp"]), font, tmp_path / "bench")
    assert len(played) == 2


def test_what_does_not_play_its_notes_is_named_and_not_kept(tmp_path, font, monkeypatch):
    noise = np.random.default_rng(0).normal(0, 0.1, (RATE * 5, 2)).astype(np.float32)
    monkeypatch.setattr(synth, "play", lambda *arguments: noise)
    outcome = rendering.render(_song(), font, tmp_path / "bench")
    assert outcome.row is None
    assert outcome.problem.startswith("test/rock/a.source.ogg has a chroma_to_score of 0.")
    assert not [path for path in (tmp_path / "bench").rglob("*") if path.is_file()]


def test_what_the_synthesiser_refuses_is_an_outcome_too(tmp_path, font, monkeypatch):
    def refuse(*arguments):
        raise UserError("FluidSynth's output peaks at 0.000")

    monkeypatch.setattr(synth, "play", refuse)
    outcome = rendering.render(_song(), font, tmp_path / "bench")
    assert (outcome.row, outcome.problem) == (None, "FluidSynth's output peaks at 0.000")


def test_the_notes_are_saved_without_drums(tmp_path, font, played):
    music21 = pytest.importorskip("music21", reason="MIDI is written by music21, an optional extra (render)")
    song = _song(BANDS["jazz"], "test/jazz/a.band.ogg", midi="test/jazz/a.notes.mid")
    assert song.drums()
    rendering.render(song, font, tmp_path)
    file = music21.midi.MidiFile()
    file.readstr((tmp_path / song.midi).read_bytes())
    pitches = [e.parameter1 for t in file.tracks for e in t.events if e.isNoteOn()]
    assert sorted(pitches) == sorted(note.pitch for note in song.notes())
    assert {e.channel for t in file.tracks for e in t.events if e.isNoteOn()} == {1, 2, 3, 4}


def _real_font():
    if shutil.which("fluidsynth") is None:
        return None
    try:
        return synth.find_soundfont()
    except UserError:
        return None


@pytest.mark.skipif(_real_font() is None, reason="FluidSynth or FluidR3_GM is not installed")
def test_fluidsynth_plays_the_same_bytes_again_at_the_right_loudness(tmp_path):
    song = _song(BANDS["jazz"], "bands/jazz/a.ogg")
    rows = [rendering.render(song, _real_font(), tmp_path / run).row for run in "12"]
    assert rows[0] == rows[1]
    assert (tmp_path / "1" / song.path).read_bytes() == (tmp_path / "2" / song.path).read_bytes()
    assert rows[0]["lufs"] == pytest.approx(rendering.LUFS, abs=0.5)
    assert json.dumps(rows[0])
