import threading

import pytest

from pipelines.inference.ahead import in_threads


@pytest.mark.parametrize("threads", [1, 3])
def test_results_are_in_order(threads: int):
    assert list(in_threads(threads, lambda x: x * x, iter(range(10)))) == [x * x for x in range(10)]
    assert list(in_threads(threads, str, [])) == []


def test_as_many_are_computed_at_a_time_as_there_are_threads():
    both, drawn = threading.Barrier(2, timeout=60), []

    def together(number: int) -> int:
        both.wait()
        return number

    results = in_threads(2, together, (drawn.append(x) or x for x in range(6)))
    assert next(results) == 0
    assert len(drawn) == 2
    assert list(results) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_is_raised_in_the_place_of_its_result(threads: int):
    results = in_threads(threads, lambda x: 1 / x, [1, 2, 0, 4])
    assert [next(results), next(results)] == [1, 0.5]
    with pytest.raises(ZeroDivisionError):
        next(results)
