import dataclasses
import itertools

import pytest

from tools.rendering import scores
from tools.rendering.scores import Note, Piece

MELODY = (60, 62, 64, 65, 67, 67, 69, 67, 65, 64, 62, 60, 64, 62, 60, 59, 60)


def _piece(pitches, title="A"):
    return Piece("bwv1", title, tuple(Note(float(i), 1.0, pitch, 0) for i, pitch in enumerate(pitches)))


def test_same_tune_in_another_key_with_another_title():
    assert scores.same_tune(_piece(MELODY), _piece([pitch + 5 for pitch in MELODY], "B"))


def test_same_tune_with_passing_notes():
    filled = [Note(i / 2, 0.5, pitch + i % 2, 0) for i, pitch in enumerate(p for p in MELODY for _ in "12")]
    assert scores.same_tune(_piece(MELODY), Piece("bwv2", "B", tuple(filled)))


def test_different_tunes_unless_titles_are_equal():
    other = (72, 67, 74, 66, 72, 65, 70, 61, 75, 63, 68, 60, 71, 62, 73, 64, 76)
    assert not scores.same_tune(_piece(MELODY, "Todes Banden"), _piece(other, "B"))
    assert scores.same_tune(_piece(MELODY, "Todes Banden"), _piece(other, "Todesbanden"))


def test_performance_deviates_by_ten_milliseconds_at_most():
    piece = _piece(MELODY)
    notes = scores.perform(piece, tempo=90, lead=0.2, seed="x")
    assert [note.pitch for note in notes] == list(MELODY)
    assert [note.start for note in notes] == pytest.approx([0.2 + i * 60 / 90 for i in range(17)], abs=0.0101)
    assert len({note.velocity for note in notes}) > 3
    assert all(1 <= note.velocity <= 127 for note in notes)


def test_performance_depends_on_the_seed_only():
    performances = [scores.perform(_piece(MELODY), tempo=90, lead=0.2, seed=seed) for seed in "xxy"]
    assert performances[0] == performances[1] != performances[2]


def test_notes_end_before_repetition():
    piece = Piece("bwv1", "A", tuple(Note(i / 4, 0.25, 60, 0) for i in range(200)))
    notes = scores.perform(piece, tempo=92, lead=0.2, seed="x")
    assert all(one.end < other.start for one, other in itertools.pairwise(notes))


def test_rests_at_the_start_are_removed():
    notes = scores.from_zero([Note(3.0, 1.0, 60, 0), Note(2.0, 1.0, 48, 3)])
    assert [note.start for note in notes] == [1.0, 0.0]


def test_a_chorale_of_the_corpus_has_four_voices_in_their_ranges():
    pytest.importorskip("music21", reason="scores are read by music21, an optional extra (render)")
    piece = next(scores.chorales())
    assert (piece.name, piece.title) == ("bwv253", "Ach bleib bei uns, Herr Jesu Christ")
    assert {note.voice for note in piece.notes} == {0, 1, 2, 3}
    assert all(36 <= note.pitch <= 84 and note.length > 0 for note in piece.notes)
    bass, soprano = (max(n.pitch for n in piece.notes if n.voice == voice) for voice in (3, 0))
    assert bass < soprano
    assert min(note.start for note in piece.notes) == 0
    assert piece.quarters == max(note.end for note in piece.notes)


def test_a_note_ends_after_its_length():
    assert dataclasses.replace(Note(1.0, 0.5, 60, 0), length=2.0).end == 3.0
