import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn import parts
from pipelines.nn.apply_gradients import descend

SLOPES = np.array([[3.0, -4.0], [1.0, 2.0], [-2.0, 0.5], [4.0, 4.0]], np.float32)


def made(**options):
    variable = keras.Variable(np.array([1.0, -1.0], np.float32))
    optimizer = keras.optimizers.AdamW(0.1, 0.1, **options)
    optimizer.build([variable])
    return variable, optimizer


def test_turns_descend_once_by_the_mean_which_is_then_clipped():
    variable, optimizer = made(global_clipnorm=1.0)

    def step(batch):
        descend([tf.reduce_mean(batch["slopes"], axis=0)], optimizer, [variable])
        return {}

    parts.in_turns(step, {"slopes": tf.constant(SLOPES)}, 2)
    expected, at_once = made(global_clipnorm=1.0)
    at_once.apply([tf.constant(SLOPES.mean(axis=0))], [expected])
    np.testing.assert_allclose(variable, expected, rtol=1e-6)
    assert int(optimizer.iterations) == 1


@pytest.mark.parametrize("run", [tf.function, lambda step: step])
def test_behind_a_closed_gate_nothing_moves(run):
    variable, optimizer = made()

    def step(gate):
        descend([tf.constant(SLOPES[0])], optimizer, [variable], gate)

    step = run(step)
    step(tf.constant(True))
    before = [np.array(x) for x in (variable, *optimizer.variables)]
    step(tf.constant(False))
    for old, new in zip(before, (variable, *optimizer.variables), strict=True):
        np.testing.assert_array_equal(old, new)
    step(tf.constant(True))
    assert not np.array_equal(before[0], np.array(variable))
