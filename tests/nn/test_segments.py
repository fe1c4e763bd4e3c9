import numpy as np
import pytest

from pipelines.nn.segments import JoinSegments, SplitSegments


@pytest.mark.parametrize("warm_up", [0, 2, 4])
def test_segments_are_joined_again_without_what_was_before_them(warm_up):
    x = np.random.default_rng(0).normal(size=(2, 12, 3, 1)).astype(np.float32)
    split = SplitSegments(4, warm_up)(x)
    assert split.shape == (6, warm_up + 4, 3, 1)
    np.testing.assert_array_equal(JoinSegments(warm_up)(split, x), x)


def test_before_a_segment_are_the_last_frames_of_the_one_before_it():
    x = np.arange(1, 9, dtype=np.float32).reshape(1, 8, 1)
    found = np.array(SplitSegments(4, 2)(x))[..., 0]
    np.testing.assert_array_equal(found, [[1, 1, 1, 2, 3, 4], [3, 4, 5, 6, 7, 8]])
