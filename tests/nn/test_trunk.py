import keras
import numpy as np

from pipelines.nn.trunk import residual_trunk
from tests.contracts import randomize

WIDTH, SIZE = 6, 2


def network():
    x, style = keras.Input((None, WIDTH)), keras.Input((None, SIZE))
    model = keras.Model([x, style], residual_trunk(x, [1], 3, style=style))
    randomize(model)
    return model


def numpy_block(model, x, style):
    """One block by its formulas: normalise, scale and shift, convolve, rectify, mix, add."""
    weights = {weight.path: weight.numpy() for weight in model.weights}
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    y = (x - mean) / np.sqrt(variance + 1e-3) * weights["block0_norm/gamma"] + weights["block0_norm/beta"]
    y = y * (1 + style @ weights["block0_scale/kernel"] + weights["block0_scale/bias"])
    y += style @ weights["block0_shift/kernel"] + weights["block0_shift/bias"]
    padded = np.pad(y, ((0, 0), (1, 1), (0, 0)))
    kernel = weights["block0_conv/kernel"]
    y = sum(padded[:, i : i + x.shape[1]] @ kernel[i] for i in range(3)) + weights["block0_conv/bias"]
    return x + np.maximum(y, 0) @ weights["block0_out/kernel"] + weights["block0_out/bias"]


def test_a_style_scales_and_shifts_what_is_normalised():
    model, chance = network(), np.random.default_rng(0)
    x, style = chance.normal(size=(2, 5, WIDTH)), chance.normal(size=(2, 5, SIZE))
    x, style = x.astype(np.float32), style.astype(np.float32)
    np.testing.assert_allclose(model([x, style]), numpy_block(model, x, style), atol=1e-4)
