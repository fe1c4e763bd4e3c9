"""Share of time that steps wait for batches, with a fake clock."""

import itertools

import pytest

from tools.benchmarks.speed import reading


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(reading.time, "perf_counter", lambda: now[0])
    return now


def _read(clock, batch, step):
    """Speeds of a pipeline of `batch` seconds per batch, without prefetching, and steps of `step` seconds."""

    def advance(seconds):
        clock[0] += seconds

    batches = (advance(batch) for _ in itertools.count())
    return reading.read(batches, lambda _: advance(step), None, seconds=60.0)


def test_steps_wait_for_a_slow_pipeline(clock):
    found = _read(clock, batch=3.0, step=1.0)
    assert found.alone.median == pytest.approx(1 / 3)
    assert found.fixed.median == pytest.approx(1)
    assert found.fed.median == pytest.approx(1 / 4)
    assert found.waiting.median == pytest.approx(0.75)


def test_steps_do_not_wait_for_a_fast_pipeline(clock):
    found = _read(clock, batch=0.001, step=1.0)
    assert found.waiting.high < 0.002
    assert found.fed.median == pytest.approx(found.fixed.median, rel=0.01)
