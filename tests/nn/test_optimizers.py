import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn import optimizers
from pipelines.nn.optimizers import AdamConfig


def test_its_state_is_there_before_the_first_step_and_gradients_are_clipped_together():
    variables = [keras.Variable(np.zeros(2, np.float32)), keras.Variable(np.zeros(1, np.float32))]
    built = optimizers.built(AdamConfig(clip_norm=5.0), variables)
    count = len(built.variables)
    built.apply([tf.constant([30.0, 0.0]), tf.constant([40.0])], variables)
    assert len(built.variables) == count > 4
    first_moments = np.concatenate([np.ravel(moment) for moment in built._momentums])
    np.testing.assert_allclose(first_moments, 0.1 * np.array([3.0, 0.0, 4.0]), rtol=1e-5)


@pytest.mark.parametrize(("progress", "expected"), [(0.0, 0.01), (0.2, 0.01), (0.6, 0.005), (1.0, 0.0)])
def test_the_rate_is_held_and_falls_straight_to_zero(progress, expected):
    config = AdamConfig(rate=0.01, hold=0.2)
    built = optimizers.built(config, [keras.Variable(np.zeros(1, np.float32))])
    rate = optimizers.follow_schedule(built, config, tf.constant(progress))
    assert float(rate) == pytest.approx(expected, abs=1e-8)
    assert float(built.learning_rate) == pytest.approx(expected, abs=1e-8)
