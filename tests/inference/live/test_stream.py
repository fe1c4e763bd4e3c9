"""Streams of samples equal the translation of the whole song, `delay` samples later."""

import tracemalloc

import numpy as np
import pytest

from pipelines.audio.arrays.inversion import SourcePhase
from pipelines.audio.streams import array_blocks
from pipelines.audio.true_peak import CEILING
from pipelines.inference.array_window_translator import ArrayWindowTranslator
from pipelines.inference.live.stream import BlockTranslator, LiveStream
from pipelines.inference.translate import SongTranslator
from pipelines.nn.dials import Dials
from tests.inference import tiny

RATE, HOP = tiny.SPEC.sample_rate, tiny.SPEC.hop_length
CONTEXT, MULTIPLE, BLOCK = 12, 4, 6


def network(log_mel: np.ndarray, first_frame: int = 0, closeness: float = 0.5) -> np.ndarray:
    """Network with a stride: frames in fours, each with the mean of 28 frames, and noise by position."""
    frames = log_mel.shape[1]
    fours = log_mel.reshape(1, -1, 4, *log_mel.shape[2:]).mean(axis=2)
    padded = np.pad(fours, ((0, 0), (2, 2), (0, 0), (0, 0)))
    around = sum(padded[:, shift : shift + frames // 4] for shift in range(5)) / 5
    noise = np.sin(1.7 * (first_frame + np.arange(frames)))[None, :, None, None]
    moved = np.roll(np.repeat(around, 4, axis=1), 5, axis=2)
    return (0.6 * log_mel + 0.3 * moved + 0.05 * closeness * noise).astype(np.float32)


def translator() -> ArrayWindowTranslator:
    return ArrayWindowTranslator.with_windows(
        network, tiny.SPEC, SourcePhase(tiny.SPEC), context=CONTEXT, multiple=MULTIPLE
    )


def offline(song: np.ndarray, dials: Dials) -> np.ndarray:
    blocks = SongTranslator(translator()).translate_blocks(array_blocks(song, 5000), len(song), dials)
    return np.concatenate(list(blocks))


def unlevelled(channels: int, dials: Dials) -> LiveStream:
    return LiveStream(BlockTranslator(translator(), channels, CONTEXT, BLOCK, dials), None, None)


def levelled(channels: int, frames: int = 2 * BLOCK) -> LiveStream:
    return LiveStream.from_translator(translator(), channels, CONTEXT, frames)


def pushed(stream: LiveStream, song: np.ndarray, chunk: int) -> np.ndarray:
    """Output of a song in chunks of one length, each as long as what went in."""
    found = []
    for block in array_blocks(song, chunk):
        found.append(stream.push(block))
        assert found[-1].shape == block.shape
    return np.concatenate(found)


@pytest.mark.parametrize("chunk", [1237, HOP, 5 * BLOCK * HOP + 1])
@pytest.mark.parametrize("dials", [Dials(), Dials(0.5, 1.0)])
def test_a_mono_stream_is_the_translation_of_the_song(chunk: int, dials: Dials):
    song, stream = tiny.song(2.5, 1), unlevelled(1, dials)
    found = pushed(stream, song, chunk)
    np.testing.assert_array_equal(found[: stream.delay], 0)
    expected = offline(song, dials)[: len(song) - stream.delay]
    assert np.abs(expected).max() > 0.05
    np.testing.assert_allclose(found[stream.delay :], expected, atol=1e-5)


def test_a_stereo_stream_has_the_mid_of_the_translation():
    song, stream = tiny.song(2.5), unlevelled(2, Dials())
    found = pushed(stream, song, 1237)[stream.delay :]
    expected = offline(song, Dials())[: len(found)]
    np.testing.assert_allclose(found.mean(axis=1), expected.mean(axis=1), atol=1e-5)
    assert np.abs(found[:, 0] - found[:, 1]).max() > 0.01


def test_levels_and_limits_do_not_depend_on_the_chunks_and_delay_a_little_more():
    song, few, many = 3 * tiny.song(1.5), levelled(2, BLOCK), levelled(2, BLOCK)
    assert 0 < few.delay - unlevelled(2, Dials()).delay < 0.02 * RATE
    found = pushed(few, song, len(song))
    np.testing.assert_allclose(found, pushed(many, song, 999), atol=1e-6)
    assert 0.5 < np.abs(found).max() <= CEILING


def test_silence_in_is_silence_out():
    stream = levelled(2)
    silence = np.zeros((stream.delay, 2), np.float32)
    np.testing.assert_array_equal(pushed(stream, silence, 700), 0)
    assert pushed(stream, tiny.song(1.0), 700).any()
    pushed(stream, np.tile(silence, (2, 1)), 700)  # a window reaches beyond the end of the song
    np.testing.assert_array_equal(pushed(stream, silence, 700), 0)


def test_the_memory_is_bounded():
    stream, second = levelled(2, frames=64), tiny.song(1.0)
    pushed(stream, second, 4000)
    tracemalloc.start()
    for _ in range(3):
        pushed(stream, second, 4000)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < len(second) * 2 * 4 * 4
