import numpy as np
import pytest
import tensorflow as tf

from styletransfer.feedforward import networks
from styletransfer.feedforward.losses import grouped_gram, style_distance
from styletransfer.feedforward.style import BandStyle
from tests.styletransfer.feedforward import tiny

CROPS = tiny.crops()


def style(**fields):
    config = tiny.config(perceptual=fields).perceptual
    network = networks.standardised(tiny.bank(), CROPS["band"])
    style = BandStyle(network, config.groups, config.memory, tiny.SPEC.n_mels)
    style.set_target(CROPS["band"])
    return network, style


def grams(network, log_mels):
    return [grouped_gram(x, 4) for x in network(log_mels)]


def test_the_band_itself_has_the_band_s_style():
    _, band = style()
    assert float(band(tf.constant(CROPS["band"]), tf.constant(0))) == pytest.approx(0, abs=1e-6)


def test_without_memory_each_batch_is_compared_by_itself():
    network, band = style(memory=0.0)
    for step in range(3):
        batch = tf.constant(CROPS["content"][step : step + 2])
        expected = style_distance(grams(network, batch), grams(network, CROPS["band"]))
        assert float(band(batch, tf.constant(step))) == pytest.approx(float(expected), rel=1e-3)


def test_with_memory_the_mean_over_the_batches_counts():
    """At first the plain mean of all that came; the gradient is the last batch's, in full."""
    network, band = style(memory=0.9)
    first, second = (tf.constant(CROPS["content"][i : i + 2]) for i in (0, 2))
    band(first, tf.constant(0))
    means = [(a + b) / 2 for a, b in zip(grams(network, first), grams(network, second), strict=True)]
    expected = style_distance(means, grams(network, CROPS["band"]))
    with tf.GradientTape() as tape:
        tape.watch(second)
        found = band(second, tf.constant(1))
    assert float(found) == pytest.approx(float(expected), rel=1e-3)
    assert np.abs(tape.gradient(found, second)).max() > 0
    for mean, gram in zip(band.recent, means, strict=True):
        np.testing.assert_allclose(mean, gram, rtol=1e-3, atol=1e-5)
