import contextlib
import os
from concurrent.futures.process import BrokenProcessPool

from pipelines.data import worker_pool


def _work(number):
    if number == 3:
        os._exit(11)  # as a decoder that crashes
    if number == 4:
        raise ValueError("four")
    return number * number


def test_goes_on_when_a_worker_dies_or_raises():
    results = dict(worker_pool.run(_work, range(7), jobs=2))
    assert isinstance(results.pop(3), BrokenProcessPool)
    assert repr(results.pop(4)) == "ValueError('four')"
    assert results == {0: 0, 1: 1, 2: 4, 5: 25, 6: 36}


def test_one_process_is_replaced_when_a_task_kills_it():
    single = worker_pool.Single()
    with contextlib.closing(single):
        assert isinstance(single.run(_work, 3), BrokenProcessPool)
        assert single.run(_work, 5) == 25
        assert repr(single.run(_work, 4)) == "ValueError('four')"


def test_nothing_to_do():
    assert list(worker_pool.run(_work, [], jobs=2)) == []
