"""Times and their arithmetic, compared with hand-computed numbers."""

import os

import numpy as np
import pytest

from pipelines.errors import UserError
from tools.benchmarks import timing
from tools.benchmarks.timing import Spread


def test_spread_is_median_minimum_and_maximum():
    assert Spread.from_values([3.0, 1.0, 2.0, 10.0]) == (2.5, 1.0, 10.0)
    assert Spread(2.0, 1.0, 4.0).per(8.0) == (4.0, 2.0, 8.0)
    assert Spread(2.0, 1.0, 4.0).times(1000) == (2000.0, 1000.0, 4000.0)


def test_ratio_is_taken_in_each_round():
    # Other load halves the speed of both sides in the second round.
    assert timing.ratio([2.0, 4.0, 3.0], [1.0, 2.0, 1.0]) == (2.0, 2.0, 3.0)
    with pytest.raises(ValueError, match="argument"):
        timing.ratio([1.0], [1.0, 2.0])


def test_functions_alternate_and_first_calls_do_not_count(monkeypatch):
    now, called = [0.0], []

    def act(name, first, later):
        def run():
            now[0] += later if called.count(name) > 1 else first
            called.append(name)

        return run

    monkeypatch.setattr(timing.time, "perf_counter", lambda: now[0])
    times = timing.alternately({"a": act("a", 50.0, 1.0), "b": act("b", 70.0, 2.0)}, 6.0)
    assert called == ["a", "b"] * 6
    assert times == {"a": (1.0,) * 4, "b": (2.0,) * 4}
    assert len(timing.alternately({"a": act("a", 1.0, 1.0)}, 0.0)["a"]) == timing.LEAST_ROUNDS


def test_memory_excludes_the_libraries(monkeypatch):
    peaks = iter([100.0, 140.0])
    monkeypatch.setattr(timing, "apart", lambda function, task: function(task))
    monkeypatch.setattr(timing, "load_libraries", lambda: None)
    monkeypatch.setattr(timing, "peak", lambda: next(peaks))
    assert timing.memories({"ours": lambda: lambda: None}) == {"ours, MB": 40.0}
    assert timing.memories({"ours": lambda: lambda: None}, wanted=False) == {"ours, MB": None}


def _peak_with(megabytes):
    np.ones(megabytes * 125_000)
    return timing.peak()


def test_peak_is_that_of_the_process():
    held = np.ones(400 * 125_000)  # in the parent process
    little, much = (timing.apart(_peak_with, megabytes) for megabytes in (1, 300))
    assert 280 < much - little < 320
    assert little < held.nbytes / 1e6


def _failing(task):
    raise UserError(f"no {task}")


def test_exceptions_of_the_process_are_raised_here():
    with pytest.raises(UserError, match="no luck"):
        timing.apart(_failing, "luck")


def test_threads_of_every_library_are_limited(monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    timing.limit_threads(3)
    assert os.environ["OMP_NUM_THREADS"] == os.environ["TF_NUM_INTRAOP_THREADS"] == "3"
