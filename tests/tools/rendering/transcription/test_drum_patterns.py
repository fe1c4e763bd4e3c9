import itertools
import random

import pytest

from tests.tools.rendering.paired.fakes import work
from tools.rendering.midi import DRUMS
from tools.rendering.transcription import drum_patterns

PIECE = work(1, quarters=32).piece


def _at(quarter):
    return 0.2 + quarter / 2


@pytest.mark.parametrize("style", drum_patterns.STYLES)
@pytest.mark.parametrize("seed", range(4))
def test_strokes_of_every_style_reach_the_end_without_overlaps(style, seed):
    strokes = drum_patterns.accompany(PIECE, style, 1.0, _at, random.Random(seed))
    assert strokes == drum_patterns.accompany(PIECE, style, 1.0, _at, random.Random(seed))
    assert {note.voice for note in strokes} == {DRUMS}
    assert len({note.pitch for note in strokes}) >= 3
    assert strokes[-1].start > _at(28)
    assert all(0 <= note.start < _at(32.1) and 1 <= note.velocity <= 127 for note in strokes)
    for key in {note.pitch for note in strokes}:
        same = [note for note in strokes if note.pitch == key]
        assert all(before.end < after.start for before, after in itertools.pairwise(same))


def test_rock_has_the_snare_on_two_and_four():
    strokes = drum_patterns.accompany(PIECE, "rock", 1.0, _at, random.Random(5))
    snares = [(note.start - 0.2) * 2 % 4 for note in strokes if note.pitch in drum_patterns.SNARES]
    on_beat = [beat for beat in snares if min(abs(beat - 1), abs(beat - 3)) < 0.05]
    assert len(on_beat) >= 10


def test_fills_have_toms():
    strokes = [
        n for s in range(8) for n in drum_patterns.accompany(PIECE, "rock", 1.0, _at, random.Random(s))
    ]
    assert {note.pitch for note in strokes} >= set(drum_patterns.TOMS)
    assert {note.pitch for note in strokes} & set(drum_patterns.CRASHES)


def test_strokes_of_longer_beats_are_further_apart():
    fast, slow = (
        drum_patterns.accompany(PIECE, "swing", beats, _at, random.Random(3)) for beats in (1.0, 2.0)
    )
    assert 0.35 < len(slow) / len(fast) < 0.75
