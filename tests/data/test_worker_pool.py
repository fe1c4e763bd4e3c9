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


def test_other_tasks_survive_a_crash_and_an_exception():
    results = dict(worker_pool.run(_work, range(7), jobs=2))
    assert isinstance(results.pop(3), BrokenProcessPool)
    assert repr(results.pop(4)) == "ValueError('four')"
    assert results == {0: 0, 1: 1, 2: 4, 5: 25, 6: 36}


def test_a_worker_worker_is_replaced_after_a_crash():
    worker = worker_pool.SingleWorker()
    with contextlib.closing(worker):
        assert isinstance(worker.run(_work, 3), BrokenProcessPool)
        assert worker.run(_work, 5) == 25
        assert repr(worker.run(_work, 4)) == "ValueError('four')"


def test_no_tasks():
    assert list(worker_pool.run(_work, [], jobs=2)) == []
