import numpy as np
import tensorflow as tf

from pipelines.nn.seeds import of_step


def drawn(seed, step, count=3):
    seeds = of_step(tf.constant(seed, tf.int32), tf.constant(step, tf.int64), count)
    return np.array([tf.random.stateless_uniform([], each) for each in seeds])


def test_the_same_run_and_step_draw_the_same_and_no_other_does():
    once = drawn(5, 7)
    np.testing.assert_array_equal(once, drawn(5, 7))
    for other in (drawn(5, 8), drawn(6, 7)):
        assert not np.isin(once, other).any()


def test_no_two_of_a_step_are_alike():
    assert len(set(drawn(1, 0, 12))) == 12
