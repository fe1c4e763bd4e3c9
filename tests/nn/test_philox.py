import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn import philox

SEED = tf.constant([3, 7])


@pytest.mark.parametrize("lowest", [0, -(2**31)])
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("shape", [[7], [2, 5, 3]])
def test_they_are_tensorflow_s_own_compiled_or_not(shape, compiled, lowest):
    seed = SEED + lowest

    def drawn():
        numbers = philox.uniform(shape, seed), philox.normal(shape, seed), philox.integers(shape, seed, 2, 9)
        return (*numbers, tf.stack(philox.split(seed, 3)))

    uniform, normal, integers, seeds = tf.function(drawn, jit_compile=compiled)()
    np.testing.assert_array_equal(uniform, tf.random.stateless_uniform(shape, SEED))
    np.testing.assert_allclose(normal, tf.random.stateless_normal(shape, SEED), atol=2e-6)
    np.testing.assert_array_equal(integers, tf.random.stateless_uniform(shape, SEED, 2, 9, tf.int32))
    np.testing.assert_array_equal(seeds, tf.random.split(SEED, 3))
