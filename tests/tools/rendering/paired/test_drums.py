import collections

import pytest

from tests.tools.rendering.paired.fakes import work
from tools.rendering.midi import DRUMS
from tools.rendering.paired import drums
from tools.rendering.scores import Note, Piece

TEMPO, LEAD = 60.0, 0.2


def _accompany(piece, seed="x"):
    return drums.accompany(piece, tempo=TEMPO, lead=LEAD, seed=seed)


def _quarters(notes, key):
    """Onsets of a drum in beats after the lead; one beat per second."""
    return [note.start - LEAD for note in notes if note.pitch == key]


def test_ride_on_every_beat_and_hihat_on_two_and_four():
    notes = _accompany(work(0, quarters=16).piece)
    assert _quarters(notes, drums.RIDE) == pytest.approx(list(range(16)), abs=0.009)
    # The piece begins with an upbeat, the fourth beat of its bar.
    assert _quarters(notes, drums.HIHAT) == pytest.approx(list(range(0, 16, 2)), abs=0.009)


def test_bass_drum_and_snare_double_onsets_of_the_score():
    melody = [Note(i + 0.5, 1.0, 72, 0) for i in range(32)]
    bass = [Note(float(i), 2.0, 40, 3) for i in range(0, 32, 2)]
    notes = _accompany(Piece("p", "", (*melody, *bass)))
    kicks, snares = _quarters(notes, drums.KICK), _quarters(notes, drums.SNARE)
    assert {round(start) for start in kicks} <= set(range(0, 32, 2))
    assert all(start % 1 == pytest.approx(0.5, abs=0.009) for start in snares)
    assert 4 <= len(kicks) <= 15
    assert 8 <= len(snares) <= 24


def test_even_quarters_have_no_snare():
    counts = collections.Counter(note.pitch for note in _accompany(work(0).piece))
    assert counts[drums.SNARE] == 0
    assert counts[drums.KICK] > 30


def test_strokes_depend_on_the_seed_and_are_in_order_of_time():
    piece = work(1).piece
    strokes = [_accompany(piece, seed) for seed in "xxy"]
    assert strokes[0] == strokes[1] != strokes[2]
    assert [note.start for note in strokes[0]] == sorted(note.start for note in strokes[0])
    assert {note.voice for note in strokes[0]} == {DRUMS}
    assert all(1 <= note.velocity <= 127 for note in strokes[0])
