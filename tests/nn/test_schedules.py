import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn import schedules

PROGRESS = np.linspace(0, 1, 21, dtype=np.float32)


def test_linear_interpolates_between_its_ends():
    ours = schedules.linear(tf.constant(PROGRESS), 10.0, 2.0, 0.25, 0.75)
    np.testing.assert_allclose(ours, np.interp(PROGRESS, [0.25, 0.75], [10.0, 2.0]), atol=1e-5)


def test_the_rate_holds_and_then_falls_to_zero():
    ours = schedules.constant_then_linear_decay(tf.constant(PROGRESS), 1e-3, 0.5)
    np.testing.assert_allclose(ours, np.interp(PROGRESS, [0.5, 1.0], [1e-3, 0.0]), atol=1e-9)


@pytest.mark.parametrize(("progress", "expected"), [(0.49, 3.0), (0.51, 1.0)])
def test_an_interval_without_length_is_a_step(progress, expected):
    assert schedules.linear(tf.constant(progress), 3.0, 1.0, 0.5, 0.5).numpy() == pytest.approx(expected)


def test_a_rate_that_is_held_to_the_end_never_falls():
    ours = schedules.constant_then_linear_decay(tf.constant(PROGRESS[:-1]), 1e-3, 1.0)
    np.testing.assert_allclose(ours, 1e-3, rtol=1e-6)


def test_follows_a_variable_inside_a_graph():
    progress = tf.Variable(0.0)
    rate = tf.function(lambda: schedules.constant_then_linear_decay(progress, 1.0, 0.0))
    values = []
    for value in (0.0, 0.25, 1.0):
        progress.assign(value)
        values.append(float(rate()))
    assert values == [1.0, 0.75, 0.0]
