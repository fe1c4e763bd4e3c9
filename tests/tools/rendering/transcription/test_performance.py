import itertools
import random

import pytest

from tools.rendering.scores import Note
from tools.rendering.transcription import performance


@pytest.mark.parametrize("seed", range(5))
def test_tempo_drift_is_limited(seed):
    to_seconds = performance.tempo_curve(120, 0.3, 32, random.Random(seed))
    steps = [after - before for before, after in itertools.pairwise(to_seconds(float(n)) for n in range(33))]
    assert to_seconds(0.0) == pytest.approx(0.3)
    assert all(
        0.5 * (1 - performance.DRIFT) - 1e-6 <= step <= 0.5 * (1 + performance.DRIFT) + 1e-6 for step in steps
    )


@pytest.mark.parametrize("seed", range(10))
def test_keys_are_released_before_repetition(seed):
    notes = [Note(n / 2, 0.5, 60, 0) for n in range(16)] + [Note(4.0, 4.0, 60, 0), Note(2.0, 2.0, 64, 0)]
    performed = performance.perform(
        notes, performance.tempo_curve(100, 0.2, 8, random.Random(seed)), random.Random(seed)
    )
    same = sorted((note for note in performed if note.pitch == 60), key=lambda note: note.start)
    assert all(before.end < after.start for before, after in itertools.pairwise(same))
    assert len(same) == 16
    assert all(note.length >= 0.03 and 1 <= note.velocity <= 127 for note in performed)


def test_onsets_deviate_by_10_ms_at_most():
    notes = [Note(n / 2, 0.5, 48 + n, 0) for n in range(32)]
    to_seconds = performance.tempo_curve(90, 0.2, 16, random.Random(1))
    performed = performance.perform(notes, to_seconds, random.Random(2))
    deviations = [
        note.start - to_seconds(written.start) for note, written in zip(performed, notes, strict=True)
    ]
    assert max(map(abs, deviations)) <= 0.01
    assert len({round(each, 6) for each in deviations}) > 20


def test_parts_differ_in_articulation_and_velocity():
    notes = [Note(float(n), 1.0, 60 + n, 0) for n in range(16)]
    articulations, levels = [], []
    for seed in range(40):
        performed = performance.perform(notes, lambda quarter: quarter * 0.5 + 0.2, random.Random(seed))
        articulations.append(sum(note.length for note in performed) / 8)
        levels.append(sum(note.velocity for note in performed) / 16)
    assert min(articulations) < 0.6
    assert max(articulations) > 0.97
    assert max(levels) - min(levels) > 30
