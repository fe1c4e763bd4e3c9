import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn.philox import position_noise
from pipelines.nn.position_noise import PositionNoise

FRAMES, CHANNELS = 50, 12


@pytest.mark.parametrize(("first_frame", "seed"), [(0, 0), (7, 3), (2_000_000_000, 1 << 40)])
def test_the_noise_is_the_layers(first_frame: int, seed: int):
    layer = PositionNoise(CHANNELS, seed)
    expected = layer((tf.zeros([1, FRAMES, 1]), tf.constant([first_frame])))[0]
    np.testing.assert_allclose(position_noise(first_frame, FRAMES, CHANNELS, seed), expected, atol=2e-6)


def test_the_noise_of_a_frame_depends_on_its_number_alone():
    whole = position_noise(0, FRAMES, CHANNELS, 5)
    np.testing.assert_array_equal(position_noise(20, 10, CHANNELS, 5), whole[20:30])


def test_the_noise_is_standard_normal():
    noise = position_noise(0, 5000, CHANNELS, 1)
    assert noise.dtype == np.float32
    assert noise.mean() == pytest.approx(0, abs=0.01)
    assert noise.std() == pytest.approx(1, abs=0.01)
