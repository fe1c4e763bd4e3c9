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
