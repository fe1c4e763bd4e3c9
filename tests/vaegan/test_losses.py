import itertools

import numpy as np
import pytest
import tensorflow as tf
from scipy import integrate, stats

from vaegan import losses


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(("mean", "log_variance"), [(0.0, 0.0), (1.3, 0.0), (-0.4, 1.1), (0.2, -2.0)])
def test_the_divergence_is_the_integral_that_defines_it(mean, log_variance):
    posterior, prior = stats.norm(mean, np.exp(log_variance / 2)), stats.norm()

    def surprise(x):
        return posterior.pdf(x) * (posterior.logpdf(x) - prior.logpdf(x))

    expected = integrate.quad(surprise, mean - 12, mean + 12)[0]
    found = losses.kl_divergence(tf.fill([2, 3, 4], mean), tf.fill([2, 3, 4], log_variance))
    assert float(found) == pytest.approx(expected, abs=1e-5)


def test_the_likelihood_is_a_normal_distribution_s_but_for_a_constant():
    original, again = [normal(2, 5, 4, 3), 7 * normal(2, 3, 2, 6, seed=1)], [normal(2, 5, 4, 3, seed=2)]
    again.append(original[1] + 0.5)
    expected = 0.0
    for x, y in zip(again, original, strict=True):
        deviation = np.sqrt(y.reshape(-1, y.shape[-1]).var(axis=0).mean())
        surprise = -stats.norm.logpdf(y, x, deviation).mean()
        expected += (surprise + stats.norm.logpdf(0, 0, deviation)) / 2
    assert float(losses.feature_likelihood(again, original)) == pytest.approx(expected, rel=1e-4)


def test_the_likelihood_of_a_feature_does_not_depend_on_its_unit():
    original, again = normal(2, 9, 9, 3), normal(2, 9, 9, 3, seed=1)
    one, other = (float(losses.feature_likelihood([k * again], [k * original])) for k in (1.0, 50.0))
    assert one == pytest.approx(other, rel=1e-3)
    assert one == pytest.approx(1.0, abs=0.2)
    assert float(losses.feature_likelihood([original], [original])) == 0


def test_the_cross_entropy_is_the_logarithm_of_the_probability():
    logits = [normal(2, 5, 4, 1), normal(2, 3, 2, 1, seed=1) - 2]
    real = np.mean([-np.log(1 / (1 + np.exp(-x))).mean() for x in logits])
    made = np.mean([-np.log(1 - 1 / (1 + np.exp(-x))).mean() for x in logits])
    assert float(losses.cross_entropy(logits, real=True)) == pytest.approx(real, rel=1e-5)
    assert float(losses.cross_entropy(logits, real=False)) == pytest.approx(made, rel=1e-5)
    assert float(losses.cross_entropy([tf.zeros([1, 2])], real=True)) == pytest.approx(np.log(2))


@pytest.mark.parametrize(("real", "made"), list(itertools.product([0.2, 0.5, 0.8, 1.2], repeat=2)))
def test_whoever_is_ahead_waits(real, made):
    gates = losses.equilibrium_gates(tf.constant(real), tf.constant(made), 0.68, 0.35)
    discriminator_ahead, decoder_ahead = min(real, made) < 0.33, max(real, made) > 1.03
    assert bool(gates.discriminator) == (not discriminator_ahead or (discriminator_ahead and decoder_ahead))
    assert bool(gates.decoder) == (not decoder_ahead or (discriminator_ahead and decoder_ahead))


def partials(bands, level=0.0, frames=12):
    """Log-mel [1, frames, 64, 1] with partials at some bands."""
    log_mel = np.full((1, frames, 64, 1), -0.6, np.float32)
    log_mel[:, :, bands] = level
    return log_mel


def test_contrasts_are_compared_by_the_places_of_the_partials():
    """Of another level and envelope, the partials are the same; of another pitch, they are not."""
    source = partials([5, 11, 17, 23])
    tilt = np.linspace(0, -0.5, 64, dtype=np.float32)[:, None]
    same, tilted, other = source, 0.7 * source + tilt, partials([2, 8, 14, 20, 26])
    found = [float(losses.contrast_loss(tf.constant(each), source)) for each in (same, tilted, other)]
    assert found[0] == pytest.approx(0, abs=2e-3)
    assert found[1] < 0.1
    assert found[2] > 1.0


def test_contrasts_by_numpy():
    sample, source = (0.3 * normal(2, 8, 64, 1, seed=seed) for seed in (1, 2))

    def pattern(log_mel):
        bands = log_mel[..., 0].astype(np.float64)
        smooth = np.stack([bands[:, max(t - 2, 0) : t + 3].mean(axis=1) for t in range(8)], axis=1)
        around = [slice(max(f - 16, 0), f + 17) for f in range(64)]
        difference = smooth - np.stack([smooth[:, :, each].mean(axis=2) for each in around], axis=2)
        square = np.stack([(difference**2)[:, :, each].mean(axis=2) for each in around], axis=2)
        return np.clip(difference / np.sqrt(square + 0.04**2), -2.5, 2.5)[:, :, :32]

    one, other = pattern(sample), pattern(source)
    energies = [(each**2).sum(axis=2) for each in (one, other)]
    correlation = (one * other).sum(axis=2) / np.sqrt((energies[0] + 1e-2) * (energies[1] + 1e-2))
    expected = (energies[1] * (1 - correlation)).sum() / energies[1].sum()
    assert float(losses.contrast_loss(sample, source)) == pytest.approx(expected, rel=1e-3)


def strokes(frames, height=0.4):
    """Log-mel [1, 32, 64, 1] that rises at some frames and falls slowly."""
    log_mel = np.full(32, -0.8, np.float32)
    for frame in frames:
        log_mel[frame:] = np.maximum(log_mel[frame:], -0.8 + height * np.exp(-np.arange(32 - frame) / 3))
    return np.tile(log_mel[None, :, None, None], (1, 1, 64, 1))


def test_rises_are_compared_by_the_times_of_the_strokes():
    source = strokes([4, 12, 20, 28])
    quieter, later, other = strokes([4, 12, 20, 28], 0.2), strokes([5, 13, 21, 29]), strokes([8, 16, 24])
    found = [float(losses.rise_loss(tf.constant(each), source)) for each in (source, quieter, later, other)]
    assert found[0] < 0.02
    assert found[1] < 0.05
    assert 0.1 < found[2] < 0.6
    assert found[3] > 1.0
    assert float(losses.rise_loss(tf.constant(strokes([])), source)) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("loss", [losses.contrast_loss, losses.rise_loss])
def test_gradients_of_silence_are_finite(loss):
    silence = tf.fill([2, 8, 64, 1], -1.0)
    with tf.GradientTape() as tape:
        tape.watch(silence)
        value = loss(silence, silence)
    assert np.isfinite(value)
    assert np.isfinite(tape.gradient(value, silence)).all()
