import itertools
import random

import pytest

from tools.rendering.scores import Note
from tools.rendering.transcription import performance


@pytest.mark.parametrize("seed", range(5))
def test_the_tempo_drifts_gently(seed):
    at = performance.clock(120, 0.3, 32, random.Random(seed))
    steps = [after - before for before, after in itertools.pairwise(at(float(n)) for n in range(33))]
    assert at(0.0) == pytest.approx(0.3)
    assert all(
        0.5 * (1 - performance.DRIFT) - 1e-6 <= step <= 0.5 * (1 + performance.DRIFT) + 1e-6 for step in steps
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_key_is_let_go_before_it_is_struck_again(seed):
    notes = [Note(n / 2, 0.5, 60, 0) for n in range(16)] + [Note(4.0, 4.0, 60, 0), Note(2.0, 2.0, 64, 0)]
    played = performance.play(notes, performance.clock(100, 0.2, 8, random.Random(seed)), random.Random(seed))
    same = sorted((note for note in played if note.pitch == 60), key=lambda note: note.start)
    assert all(before.end < after.start for before, after in itertools.pairwise(same))
    assert len(same) == 16
    assert all(note.length >= 0.03 and 1 <= note.velocity <= 127 for note in played)


def test_onsets_are_within_10_ms_of_the_clock():
    notes = [Note(n / 2, 0.5, 48 + n, 0) for n in range(32)]
    at = performance.clock(90, 0.2, 16, random.Random(1))
    played = performance.play(notes, at, random.Random(2))
    late = [note.start - at(written.start) for note, written in zip(played, notes, strict=True)]
    assert max(map(abs, late)) <= 0.01
    assert len({round(each, 6) for each in late}) > 20


def test_players_differ_in_touch_and_loudness():
    notes = [Note(float(n), 1.0, 60 + n, 0) for n in range(16)]
    touches, levels = [], []
    for seed in range(40):
        played = performance.play(notes, lambda quarter: quarter * 0.5 + 0.2, random.Random(seed))
        touches.append(sum(note.length for note in played) / 8)
        levels.append(sum(note.velocity for note in played) / 16)
    assert min(touches) < 0.6
    assert max(touches) > 0.97
    assert max(levels) - min(levels) > 30
