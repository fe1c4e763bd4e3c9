import numpy as np
import pytest
import tensorflow as tf

from pipelines.inference.windows import Window, Windows, translate_whole, translate_windows
from pipelines.nn.translator import Translator
from tests.inference import tiny


def log_mels(frames: int) -> tf.Tensor:
    generator = np.random.default_rng(1)
    return tf.constant(generator.uniform(-1, 1, (1, frames, tiny.SPEC.n_mels, 1)), tf.float32)


def test_sizes_and_margins_are_multiples_of_the_network_s_stride():
    assert Windows.from_context(30, context=9, multiple=4) == Windows(32, 12, 4)
    assert Windows.from_context(0, context=0, multiple=4) == Windows(4, 0, 4)


def test_windows_tile_the_song_and_read_their_neighbours():
    windows = Windows(size=8, margin=4, multiple=4)
    assert windows.all(19) == [Window(0, 8, 0, 12), Window(8, 16, 4, 19), Window(16, 19, 12, 19)]


@pytest.mark.parametrize("frames", [1, 3, 16, 37, 64, 101])
@pytest.mark.parametrize("size", [4, 30, 64])
def test_windowed_equals_whole(translator: Translator, frames: int, size: int):
    source = log_mels(frames)
    windows = Windows.from_context(size, context=tiny.CARD.context_frames, multiple=tiny.CARD.time_multiple)
    whole = translate_whole(tf, translator.model, source, windows.multiple)
    assert whole.shape == source.shape
    np.testing.assert_allclose(translate_windows(tf, translator.model, source, windows), whole, atol=1e-4)


def test_too_small_a_margin_leaves_seams(translator: Translator):
    source = log_mels(64)
    whole = translate_whole(tf, translator.model, source, 4)
    seams = translate_windows(tf, translator.model, source, Windows(size=16, margin=0, multiple=4))
    assert np.abs(seams - whole).max() > 1e-2


def test_windows_are_the_same_inside_a_graph():
    windows = Windows(size=8, margin=4, multiple=4)

    @tf.function(input_signature=[tf.TensorSpec([], tf.int32), tf.TensorSpec([], tf.int32)])
    def second(index, frames):
        window = windows.at(tf, index, frames)
        return window.start, window.stop, window.first, window.last

    assert [int(frame) for frame in second(1, 19)] == [8, 16, 4, 19]
