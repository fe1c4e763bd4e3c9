"""LSGAN and hinge against numpy, on lists of scales; one contract for both pairs."""

import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn.adversarial import LOSSES, r1_penalty

# Two scales of unequal size: each counts the same, whatever its number of patches.
REAL = [np.array([[0.5, 2.0], [-1.0, 1.0]], np.float32), np.array([[3.0]], np.float32)]
FAKE = [np.array([[-0.5, 0.25], [1.5, -2.0]], np.float32), np.array([[0.5]], np.float32)]


def over_scales(function, scales):
    return np.mean([np.mean(function(scale)) for scale in scales])


def test_least_squares_by_hand():
    loss = LOSSES["lsgan"]
    discriminator = 0.5 * (over_scales(lambda r: (r - 1) ** 2, REAL) + over_scales(lambda f: f**2, FAKE))
    assert loss.discriminator(REAL, FAKE).numpy() == pytest.approx(discriminator, rel=1e-6)
    assert loss.generator(FAKE).numpy() == pytest.approx(over_scales(lambda f: (f - 1) ** 2, FAKE), rel=1e-6)
    # And one number without any function: ((1 - 0.5)^2 + 0.25^2) / 2.
    one = loss.discriminator([np.float32([[0.5]])], [np.float32([[0.25]])])
    assert one.numpy() == pytest.approx(0.15625)


def test_hinge_by_hand():
    loss = LOSSES["hinge"]
    margins = over_scales(lambda r: np.maximum(0, 1 - r), REAL) + over_scales(
        lambda f: np.maximum(0, 1 + f), FAKE
    )
    assert loss.discriminator(REAL, FAKE).numpy() == pytest.approx(margins, rel=1e-6)
    assert loss.generator(FAKE).numpy() == pytest.approx(-over_scales(lambda f: f, FAKE), rel=1e-6)
    one = loss.discriminator([np.float32([[0.25]])], [np.float32([[-0.5]])])
    assert one.numpy() == pytest.approx(0.75 + 0.5)


@pytest.mark.parametrize("name", LOSSES)
class TestEveryPair:
    def test_float32_scalars_from_half_precision(self, name):
        real, fake = ([tf.constant(scale, tf.bfloat16) for scale in scales] for scales in (REAL, FAKE))
        for value in (LOSSES[name].discriminator(real, fake), LOSSES[name].generator(fake)):
            assert value.dtype == tf.float32
            assert value.shape == ()

    def test_gradients_pull_the_right_way(self, name):
        real, fake = (tf.constant([[0.1, -0.2]]) for _ in range(2))
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([real, fake])
            judged, fooled = LOSSES[name].discriminator([real], [fake]), LOSSES[name].generator([fake])
        assert (tape.gradient(judged, real).numpy() < 0).all()
        assert (tape.gradient(fooled, fake).numpy() < 0).all()
        assert tape.gradient(judged, fake).numpy()[0, 0] > 0

    def test_a_perfect_judge_loses_nothing(self, name):
        wrong = 0.0 if name == "lsgan" else -1.0
        real, fake = [tf.ones((2, 3))], [tf.fill((2, 3), wrong)]
        assert LOSSES[name].discriminator(real, fake).numpy() == 0.0
        assert LOSSES[name].discriminator(fake, real).numpy() > 0.5

    def test_does_not_depend_on_how_often_a_scale_is_listed(self, name):
        once, twice = LOSSES[name].generator(FAKE), LOSSES[name].generator(FAKE * 2)
        assert once.numpy() == pytest.approx(twice.numpy(), rel=1e-6)


def test_the_penalty_is_the_squared_norm_of_the_gradient():
    """A linear discriminator of two scales, whose gradients are its weights."""
    generator = np.random.default_rng(0)
    clips = generator.normal(size=(3, 4, 5)).astype(np.float32)
    one, other = (generator.normal(size=(4, 5)).astype(np.float32) for _ in range(2))
    scale = generator.uniform(0.5, 2, (1, 5)).astype(np.float32)

    def discriminator(x):
        # Two patches of the first scale, of which only one depends on the clip.
        product = tf.reduce_sum(one * x, axis=[1, 2])
        return [tf.stack([product, tf.zeros_like(product)], axis=1), tf.reduce_sum(other * x, axis=[1, 2])]

    gradient = scale * (one / 2 + other) / 2
    found = r1_penalty(discriminator, tf.constant(clips), scale)
    assert float(found) == pytest.approx(np.sum(gradient**2), rel=1e-5)
    single = r1_penalty(discriminator, tf.constant(clips[:1]), scale)
    assert float(single) == pytest.approx(float(found), rel=1e-5)


def test_the_penalty_can_be_minimised():
    weight, clips = tf.Variable(3.0), tf.ones([2, 4])
    with tf.GradientTape() as tape:
        penalty = r1_penalty(lambda x: [weight * tf.reduce_sum(x, axis=1)], clips)
    assert float(penalty) == pytest.approx(4 * 9)
    assert float(tape.gradient(penalty, weight)) == pytest.approx(4 * 6)
