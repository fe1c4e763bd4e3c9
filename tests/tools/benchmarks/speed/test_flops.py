"""Floating-point operations of graphs, compared with hand-computed numbers."""

import pytest
import tensorflow as tf

from tools.benchmarks.speed.flops import flops


def _flops(function, *shapes, condition=None):
    signature = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    return flops(
        tf.function(function, input_signature=signature, autograph=False).get_concrete_function().graph,
        condition,
    )


def test_matrix_products():
    assert _flops(tf.matmul, [5, 3], [3, 7]) == 2 * 5 * 3 * 7
    assert _flops(lambda a, b: tf.matmul(a, b, transpose_a=True), [3, 5], [3, 7]) == 2 * 5 * 3 * 7
    assert _flops(lambda a, b: tf.matmul(a, b, transpose_b=True), [2, 5, 3], [2, 7, 3]) == 2 * 2 * 5 * 3 * 7


def test_convolution_and_gradients_count_equally():
    def step(image, filters):
        with tf.GradientTape() as tape:
            tape.watch((image, filters))
            result = tf.nn.conv2d(image, filters, 2, "SAME")
        return result, tape.gradient(result, (image, filters))

    # 2 images, 4 x 3 positions, 6 filters of 3 x 5 x 8 weights.
    assert _flops(step, [2, 8, 6, 8], [3, 5, 8, 6]) == 3 * 2 * (2 * 4 * 3 * 6) * (3 * 5 * 8)


def test_depthwise_convolution():
    def step(image, filters):
        with tf.GradientTape() as tape:
            tape.watch((image, filters))
            result = tf.nn.depthwise_conv2d(image, filters, [1, 1, 1, 1], "SAME")
        return result, tape.gradient(result, (image, filters))

    assert _flops(step, [2, 8, 6, 4], [7, 1, 4, 1]) == 3 * 2 * (2 * 8 * 6 * 4) * 7


def test_unused_operations_do_not_count():
    def step(a, b):
        tf.matmul(a, b)
        return tf.matmul(b, a)

    assert _flops(step, [3, 3], [3, 3]) == 2 * 27


def test_called_functions_count():
    inner = tf.function(tf.matmul)
    assert _flops(lambda a, b: tf.matmul(inner(a, b), b), [3, 3], [3, 3]) == 2 * 2 * 27


def test_unknown_shape_raises():
    with pytest.raises(ValueError, match="is not known"):
        _flops(tf.matmul, [None, 3], [3, 7])


def test_branch_of_a_condition():
    def step(a, b):
        return tf.cond(a[0, 0] > 0, lambda: tf.matmul(a, b), lambda: tf.matmul(tf.matmul(a, b), b))

    assert _flops(step, [3, 3], [3, 3], condition=True) == 2 * 27
    assert _flops(step, [3, 3], [3, 3], condition=False) == 2 * 2 * 27
    with pytest.raises(ValueError, match="the branch of"):
        _flops(step, [3, 3], [3, 3])


def test_loops_with_products_raise():
    def step(body):
        return lambda a: tf.while_loop(lambda x: tf.reduce_sum(x) < 9, lambda x: (body(x),), [a])[0]

    assert _flops(step(tf.abs), [3, 3]) == 0
    with pytest.raises(ValueError, match="number of iterations"):
        _flops(step(lambda x: tf.matmul(x, x)), [3, 3])
