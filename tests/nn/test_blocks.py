import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn.blocks import (
    Bound,
    FrameLevel,
    LocalContrast,
    MelEmbedding,
    MelStandardize,
    PixelShuffle,
    PixelUnshuffle,
)

LAYERS = {
    "standardize": lambda: MelStandardize(invert=True),
    "embedding": lambda: MelEmbedding(),
    "contrast": lambda: LocalContrast(3, gain=2.0),
    "level": lambda: FrameLevel(),
    "shuffle": lambda: PixelShuffle(2, 3),
    "unshuffle": lambda: PixelUnshuffle(2, 3),
}


def maps(*shape):
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


def shuffled(x, frames, mels):
    """Reference output of `PixelShuffle`, computed one number at a time."""
    batch, time, bands, channels = x.shape
    depth = channels // (frames * mels)
    y = np.empty((batch, time * frames, bands * mels, depth), x.dtype)
    for b, t, m, c in np.ndindex(*y.shape):
        source = ((t % frames) * mels + m % mels) * depth + c
        y[b, t, m, c] = x[b, t // frames, m // mels, source]
    return y


def test_pixel_shuffle_puts_each_channel_in_its_place():
    x = maps(2, 3, 4, 12)
    np.testing.assert_array_equal(PixelShuffle(2, 3)(x), shuffled(x, 2, 3))


def test_pixel_unshuffle_is_its_exact_inverse_both_ways():
    fine, coarse = maps(2, 6, 12, 2), maps(2, 3, 4, 12)
    np.testing.assert_array_equal(PixelShuffle(2, 3)(PixelUnshuffle(2, 3)(fine)), fine)
    np.testing.assert_array_equal(PixelUnshuffle(2, 3)(PixelShuffle(2, 3)(coarse)), coarse)


def test_standardizing_gives_each_band_its_own_units():
    mean, deviation = np.linspace(-1, 0, 5), np.linspace(0.1, 0.5, 5)
    layer, back = MelStandardize(), MelStandardize(invert=True)
    x = maps(2, 7, 5, 3)
    for each in (layer, back):
        each.build((None, None, 5, 3))
        each.set_statistics(mean, deviation)
    expected = (x - mean[:, None]) / deviation[:, None]
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(back(layer(x)), x, atol=1e-5)


def test_standardizing_is_the_identity_until_it_is_told_more_and_is_not_trained():
    layer, x = MelStandardize(), maps(1, 2, 5, 1)
    np.testing.assert_array_equal(layer(x), x)
    assert layer.trainable_variables == []
    assert len(layer.weights) == 2


def test_statistics_of_another_number_of_bands_are_refused():
    layer = MelStandardize()
    layer.build((None, None, 5, 1))
    with pytest.raises(ValueError, match="shape"):
        layer.set_statistics(np.zeros(4), np.ones(4))


@pytest.mark.parametrize("width", [1, 3, 33])
def test_contrast_is_what_stands_out_of_the_bands_around(width):
    x, half = maps(2, 4, 12, 1), width // 2
    around = [x[:, :, max(m - half, 0) : m + half + 1].mean(axis=2) for m in range(12)]
    expected = 5.0 * (x - np.stack(around, axis=2))
    np.testing.assert_allclose(LocalContrast(width, gain=5.0)(x), expected, atol=1e-5)


def test_the_level_of_a_frame_is_its_mean_in_every_band():
    x = maps(2, 4, 6, 3)
    level = FrameLevel()(x)
    np.testing.assert_allclose(level, np.repeat(x.mean(axis=2, keepdims=True), 6, axis=2), atol=1e-6)


def test_an_embedding_tells_bands_apart_and_learns():
    layer, x = MelEmbedding(), np.zeros((2, 3, 5, 4), np.float32)
    y = layer(x).numpy()
    np.testing.assert_array_equal(y[0, 0], y[1, 2])
    assert len(np.unique(y[0, 0])) == 20
    assert [tuple(v.shape) for v in layer.trainable_variables] == [(5, 4)]


@pytest.mark.parametrize("name", LAYERS)
class TestEveryLayer:
    def test_saves_and_loads(self, name, tmp_path):
        source = keras.Input((None, 6, 6))
        model = keras.Model(source, LAYERS[name]()(source))
        model.set_weights([maps(*weight.shape) for weight in model.weights])
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
        x = maps(2, 8, 6, 6)
        np.testing.assert_array_equal(loaded(x), model(x))

    def test_its_config_makes_it_again(self, name):
        layer = LAYERS[name]()
        assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()

    def test_takes_any_length_in_one_graph(self, name):
        layer = LAYERS[name]()
        layer.build((None, None, 6, 6))
        call = tf.function(layer.__call__, input_signature=[tf.TensorSpec([None, None, 6, 6])])
        for frames in (2, 8):
            x = maps(1, frames, 6, 6)
            np.testing.assert_allclose(call(x), layer(x), atol=1e-6)

    def test_no_frame_reaches_another_position(self, name):
        layer, x = LAYERS[name](), maps(1, 8, 6, 6)
        y = layer(x).numpy()
        other = np.concatenate([x[:, :4], 9 + x[:, 4:]], axis=1)
        half = y.shape[1] // 2
        np.testing.assert_array_equal(layer(other)[:, :half], y[:, :half])


def test_a_bound_is_soft():
    x = np.linspace(-50, 50, 1001, dtype=np.float32)
    bounded = Bound(4.0)(x).numpy()
    np.testing.assert_allclose(bounded, 4 * np.tanh(x.astype(np.float64) / 4), atol=1e-5)
    assert np.abs(bounded).max() <= 4
    small = np.abs(x) < 0.5
    np.testing.assert_allclose(bounded[small], x[small], atol=0.003)
