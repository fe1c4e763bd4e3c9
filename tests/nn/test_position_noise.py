import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from pipelines.nn.position_noise import PositionNoise


def noise(first, frames, batch=1, **options):
    layer = PositionNoise(**{"channels": 12, **options})
    return layer((tf.zeros([batch, frames, 5, 1]), tf.fill([batch], first))).numpy()


@pytest.mark.parametrize(("first", "frames"), [(0, 1), (1, 50), (333, 4000), (4999, 1)])
def test_a_part_has_the_noise_of_the_whole(first, frames):
    whole = noise(0, 5000)
    np.testing.assert_array_equal(noise(first, frames), whole[:, first : first + frames])


def test_graph_and_eager_agree():
    layer = PositionNoise(12)
    graph = tf.function(lambda x, first: layer((x, first)), autograph=False)
    np.testing.assert_array_equal(graph(tf.zeros([1, 70, 5]), tf.constant([16])), noise(16, 70))


def test_it_is_white_and_normal():
    found = noise(0, 5000)[0].astype(np.float64)
    assert stats.kstest(found.ravel(), "norm").pvalue > 0.01
    for shifted in (found[1:] * found[:-1], found[:, 1:] * found[:, :-1]):
        assert abs(shifted.mean()) < 4 / np.sqrt(shifted.size)


def test_it_depends_on_the_seed_and_not_on_the_batch():
    assert not np.allclose(noise(0, 9), noise(0, 9, seed=1))
    both = noise(0, 9, batch=2)
    np.testing.assert_array_equal(both[0], both[1])
    np.testing.assert_array_equal(both[:1], noise(0, 9))


def test_other_numbers_of_channels_are_refused():
    with pytest.raises(ValueError, match="10 channels are not a multiple of 4"):
        PositionNoise(10)
