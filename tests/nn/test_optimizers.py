import keras
import numpy as np
import tensorflow as tf

from pipelines.nn.optimizers import AdversarialOptimizerConfig, OptimizerConfig


def variables():
    return [keras.Variable(np.zeros(2, np.float32)), keras.Variable(np.zeros(1, np.float32))]


def test_gradients_are_clipped_together():
    ours, config = variables(), OptimizerConfig(clip_norm=5.0)
    optimizer = config.optimizer(0.01)
    optimizer.apply([tf.constant([30.0, 0.0]), tf.constant([40.0])], ours)
    moments = [np.ravel(v) for v in optimizer.variables if "momentum" in v.path]
    np.testing.assert_allclose(np.concatenate(moments), 0.1 * np.array([3.0, 0.0, 4.0]), rtol=1e-5)


def test_the_average_is_the_exponential_moving_average_of_the_weights():
    ours, config = variables(), OptimizerConfig(ema_momentum=0.9)
    optimizer = config.optimizer(0.1, **config.averaged())
    expected = None
    for _ in range(4):
        optimizer.apply([tf.ones(2), tf.ones(1)], ours)
        weights = ours[0].numpy()
        expected = weights if expected is None else 0.9 * expected + 0.1 * weights
    optimizer.finalize_variable_values(ours)
    np.testing.assert_allclose(ours[0], expected, rtol=1e-5)


def test_a_discriminator_has_its_own_decay_and_momentum():
    config = AdversarialOptimizerConfig(weight_decay=0.1, discriminator_beta_1=0.25, beta_2=0.5)
    optimizer = config.discriminator_optimizer(0.01)
    assert (optimizer.weight_decay, optimizer.beta_1, optimizer.beta_2) == (0.0, 0.25, 0.5)
    assert not optimizer.use_ema
