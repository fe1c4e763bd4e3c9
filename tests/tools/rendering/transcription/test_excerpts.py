import random

import pytest

from tests.tools.rendering.paired.fakes import work
from tests.tools.rendering.transcription.fakes import tune
from tools.rendering.scores import Note, Piece
from tools.rendering.transcription import excerpts


@pytest.mark.parametrize("seed", range(8))
def test_excerpt_has_the_length_and_range(seed):
    found = excerpts.random_excerpt(work(1).piece, 16.0, random.Random(seed))
    assert min(note.start for note in found.notes) == 0
    assert 15 <= found.quarters <= 16
    assert all(excerpts.LOWEST <= note.pitch <= excerpts.HIGHEST for note in found.notes)
    assert {note.voice for note in found.notes} == {0, 1, 2, 3}


def test_a_short_tune_is_repeated():
    found = excerpts.random_excerpt(tune(1, quarters=8).piece, 24.0, random.Random(0))
    pitches = [note.pitch for note in sorted(found.notes, key=lambda note: note.start)]
    assert found.quarters == 24
    assert pitches[:8] == pitches[8:16] == pitches[16:]


def test_excerpt_is_transposed_by_six_semitones_at_most():
    piece, shifts = tune(2, quarters=16).piece, set()
    for seed in range(60):
        found = excerpts.random_excerpt(piece, 16.0, random.Random(seed))
        steps = {new.pitch - old.pitch for new, old in zip(found.notes, piece.notes, strict=True)}
        assert len(steps) == 1
        shifts |= steps
    assert shifts == set(range(-6, 7))


def test_pitches_out_of_range_are_moved_by_octaves():
    piece = Piece("low", "", tuple(Note(float(n), 1.0, 12 + 95 * (n % 2), 0) for n in range(8)))
    found = excerpts.random_excerpt(piece, 8.0, random.Random(0))
    assert all(excerpts.LOWEST <= note.pitch <= excerpts.HIGHEST for note in found.notes)


def test_notes_are_cut_at_the_edges_and_voices_renumbered():
    notes = (Note(0.0, 8.0, 60, 0), Note(0.0, 1.0, 62, 1), Note(4.0, 8.0, 64, 2))
    rng = random.Random(0)
    rng.choice = lambda starts: starts[-1]
    found = excerpts.random_excerpt(Piece("edge", "", notes), 6.0, rng)
    assert [(note.start, note.length, note.voice) for note in found.notes] == [(0.0, 4.0, 0), (0.0, 6.0, 1)]


def test_second_voices_are_added_to_some_monophonic_tunes_only():
    voices = [
        len({note.voice for note in excerpts.accompanied(tune(3).piece, random.Random(seed)).notes})
        for seed in range(60)
    ]
    assert 0.3 < sum(number == 2 for number in voices) / 60 < 0.8
    assert excerpts.accompanied(work(1).piece, random.Random(0)) == work(1).piece


@pytest.mark.parametrize(("length", "beats"), [(0.25, 1), (1.0, 1), (2.0, 2), (4.0, 4), (8.0, 8), (64.0, 8)])
def test_beats_of_long_notes(length, beats):
    piece = Piece("long", "", tuple(Note(n * length, length, 60, 0) for n in range(9)))
    assert excerpts.beats_in_quarter(piece) == beats
