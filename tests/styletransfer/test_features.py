import numpy as np
import pytest
import tensorflow as tf
from scipy import signal

from styletransfer.features import FilterBank, random_filters, transform_size


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def correlated(spectrogram, filters):
    """Every filter slid over the frames, by SciPy; then rectified."""
    sums = [
        sum(signal.correlate(spectrogram[:, b], row[:, b], mode="valid") for b in range(spectrogram.shape[1]))
        for row in filters.transpose(1, 0, 2).astype(np.float64)
    ]
    return np.maximum(np.stack(sums, axis=1), 0)


@pytest.mark.parametrize(
    ("width", "frames"), [(1, 1), (1, 7), (2, 9), (3, 3), (3, 40), (4, 31), (11, 11), (11, 32), (11, 75)]
)
def test_a_bank_is_a_convolution(width, frames):
    filters, spectrogram = normal(width, 6, 5), normal(frames, 5, seed=1)
    found = FilterBank(filters)(tf.constant(spectrogram)).numpy()
    expected = correlated(spectrogram.astype(np.float64), filters)
    assert found.shape == (frames - width + 1, 6)
    np.testing.assert_allclose(found, expected, atol=2e-6 * width * 5)


def test_its_gradient_is_the_convolution_s():
    filters, spectrogram = normal(11, 6, 5), tf.constant(normal(50, 5, seed=1))
    weights = normal(40, 6, seed=2)
    gradients = []
    for bank in (FilterBank(filters), lambda x: _layer(x, filters)):
        with tf.GradientTape() as tape:
            tape.watch(spectrogram)
            value = tf.reduce_sum(bank(spectrogram) * weights)
        gradients.append(tape.gradient(value, spectrogram).numpy())
    np.testing.assert_allclose(gradients[0], gradients[1], atol=2e-5)


def _layer(spectrogram, filters):
    """TensorFlow's own convolution, as in the published notebook."""
    kernel = filters.transpose(0, 2, 1)[None]
    return tf.nn.relu(tf.nn.conv2d(spectrogram[None, None], kernel, 1, "VALID"))[0, 0]


def test_random_filters_are_a_function_of_the_seed_and_have_the_notebook_s_variance():
    filters = random_filters(11, 60, 40, seed=3)
    assert filters.shape == (11, 40, 60)
    np.testing.assert_array_equal(filters, random_filters(11, 60, 40, seed=3))
    assert np.abs(filters - random_filters(11, 60, 40, seed=4)).max() > 0.01
    assert filters.std() == pytest.approx(np.sqrt(2) * np.sqrt(2 / ((60 + 40) * 11)), rel=0.02)
    assert filters.mean() == pytest.approx(0, abs=0.001)


def test_blocks_are_long_enough_and_even():
    for width in range(1, 60):
        assert transform_size(width) % 2 == 0
        assert 2 * width <= transform_size(width) <= 3 * width
