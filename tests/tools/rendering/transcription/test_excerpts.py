import random

import pytest

from tests.tools.rendering.paired.scenes import work
from tests.tools.rendering.transcription.scenes import tune
from tools.rendering.scores import Note, Piece
from tools.rendering.transcription import excerpts


@pytest.mark.parametrize("seed", range(8))
def test_a_passage_is_as_long_as_asked_for_and_within_reach(seed):
    found = excerpts.passage(work(1).piece, 16.0, random.Random(seed))
    assert min(note.start for note in found.notes) == 0
    assert 15 <= found.quarters <= 16
    assert all(excerpts.LOWEST <= note.pitch <= excerpts.HIGHEST for note in found.notes)
    assert {note.voice for note in found.notes} == {0, 1, 2, 3}


def test_a_short_tune_is_repeated():
    found = excerpts.passage(tune(1, quarters=8).piece, 24.0, random.Random(0))
    pitches = [note.pitch for note in sorted(found.notes, key=lambda note: note.start)]
    assert found.quarters == 24
    assert pitches[:8] == pitches[8:16] == pitches[16:]


def test_a_passage_is_transposed_as_a_whole_by_six_semitones_at_most():
    piece, shifts = tune(2, quarters=16).piece, set()
    for seed in range(60):
        found = excerpts.passage(piece, 16.0, random.Random(seed))
        steps = {new.pitch - old.pitch for new, old in zip(found.notes, piece.notes, strict=True)}
        assert len(steps) == 1
        shifts |= steps
    assert shifts == set(range(-6, 7))


def test_what_is_out_of_reach_is_moved_by_octaves():
    piece = Piece("low", "", tuple(Note(float(n), 1.0, 12 + 95 * (n % 2), 0) for n in range(8)))
    found = excerpts.passage(piece, 8.0, random.Random(0))
    assert all(excerpts.LOWEST <= note.pitch <= excerpts.HIGHEST for note in found.notes)


def test_notes_over_the_edge_are_cut_and_silent_voices_do_not_count():
    notes = (Note(0.0, 8.0, 60, 0), Note(0.0, 1.0, 62, 1), Note(4.0, 8.0, 64, 2))
    chance = random.Random(0)
    chance.choice = lambda starts: starts[-1]
    found = excerpts.passage(Piece("edge", "", notes), 6.0, chance)
    assert [(note.start, note.length, note.voice) for note in found.notes] == [(0.0, 4.0, 0), (0.0, 6.0, 1)]


def test_a_tune_sometimes_gets_a_second_voice_and_polyphony_never_does():
    voices = [
        len({note.voice for note in excerpts.accompanied(tune(3).piece, random.Random(seed)).notes})
        for seed in range(60)
    ]
    assert 0.3 < sum(number == 2 for number in voices) / 60 < 0.8
    assert excerpts.accompanied(work(1).piece, random.Random(0)) == work(1).piece


@pytest.mark.parametrize(("length", "beats"), [(0.25, 1), (1.0, 1), (2.0, 2), (4.0, 4), (8.0, 8), (64.0, 8)])
def test_old_notation_is_read_faster(length, beats):
    piece = Piece("long", "", tuple(Note(n * length, length, 60, 0) for n in range(9)))
    assert excerpts.beats_in_quarter(piece) == beats
