"""Tests of the measured share of time that steps wait for batches, with a fake clock."""

import itertools

import pytest

from tools.benchmarks.speed import reading


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(reading.time, "perf_counter", lambda: now[0])
    return now


def _read(clock, batch, step):
    """A pipeline that holds nothing ready, `batch` seconds for each, and steps of `step` seconds."""

    def passing(seconds):
        clock[0] += seconds

    batches = (passing(batch) for _ in itertools.count())
    return reading.read(batches, lambda _: passing(step), None, seconds=60.0)


def test_a_slow_pipeline_has_the_step_wait(clock):
    found = _read(clock, batch=3.0, step=1.0)
    assert found.alone.median == pytest.approx(1 / 3)
    assert found.fixed.median == pytest.approx(1)
    assert found.fed.median == pytest.approx(1 / 4)
    assert found.waiting.median == pytest.approx(0.75)


def test_a_quick_pipeline_does_not(clock):
    found = _read(clock, batch=0.001, step=1.0)
    assert found.waiting.high < 0.002
    assert found.fed.median == pytest.approx(found.fixed.median, rel=0.01)
