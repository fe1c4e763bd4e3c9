import numpy as np
import pytest

from styletransfer import windows


@pytest.mark.parametrize("frames", [1, 9, 10, 11, 17, 18, 19, 500])
def test_windows_cover_a_song_and_overlap(frames):
    first = windows.starts(frames, 10, 2)
    last = [min(start + 10, frames) for start in first]
    assert first[0] == 0
    assert last[-1] == frames
    shared = [stop - start for stop, start in zip(last, first[1:], strict=False)]
    assert min(shared, default=2) >= 2
    assert len(first) == (1 if frames <= 10 else int(np.ceil((frames - 2) / 8)))


class Doubled:
    """Twice the magnitude, and notes what it was shown."""

    steps = 3

    def __init__(self):
        self.begun = []

    def __call__(self, magnitude, begun, tick):
        self.begun.append(begun)
        tick(self.steps)
        return 2 * magnitude


def test_windows_that_agree_leave_no_trace():
    song = np.random.default_rng(0).random((47, 3), dtype=np.float32)
    method, ticks = Doubled(), []
    found = windows.stylised(method, song, 10, 2, ticks.append)
    np.testing.assert_allclose(found, 2 * song, rtol=1e-6)
    assert ticks == [3] * 6
    assert len(method.begun[0]) == 0
    first = windows.starts(47, 10, 2)
    for index in range(1, 6):
        shared = song[first[index] : first[index - 1] + 10]
        np.testing.assert_allclose(method.begun[index], 2 * shared, rtol=1e-6)


def test_windows_that_differ_fade_into_each_other():
    calls = iter([1.0, 5.0])

    def method(magnitude, begun, tick):
        return np.full_like(magnitude, next(calls))

    found = windows.stylised(method, np.zeros((17, 2), np.float32), 10, 2, lambda done: None)
    np.testing.assert_allclose(found[:, 0], [1] * 7 + [2, 3, 4] + [5] * 7, rtol=1e-6)
