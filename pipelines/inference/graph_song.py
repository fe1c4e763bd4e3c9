"""A whole song in memory, inside the TensorFlow graph: window by window, and as loud as it was."""

from __future__ import annotations

import math

import tensorflow as tf

from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.audio.true_peak import CEILING
from pipelines.inference.graph_limiter import limited
from pipelines.inference.graph_loudness import integrated_loudness
from pipelines.inference.window_translator import CoverMaker


def play(maker: CoverMaker, waveform: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
    """Plays a song with the band's sound.

    Args:
        maker: how windows are translated.
        waveform: float32 [samples, channels] at the spec's sample rate, of any length, even 0.
        strength: float32 scalar, 0 (the source) to 1 (the full translation).

    Returns:
        float32 [samples, channels]: as loud as the source, with true peaks of -1 dBTP at most; the
        source itself at a strength of 0.
    """
    wanted = integrated_loudness(waveform, maker.spec.sample_rate)
    translated = cover_song(maker, at_training_loudness(waveform, wanted), strength)
    return matched(translated, wanted, maker.spec.sample_rate, strength)


def cover_song(maker: CoverMaker, waveform: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
    """All windows of a song in memory, one after the other; float32 [samples, channels] to the same shape."""
    samples, half = tf.shape(waveform)[0], maker.spec.n_fft // 2
    frames = maker.spec.frames(samples)
    padded = tf.pad(waveform, [[half, half], [0, 0]])
    count = maker.windows.count(frames)

    def one(index: tf.Tensor, pieces: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
        window = maker.windows.at(index, frames)
        first, last = maker.frame_span(window)
        piece = maker(padded[first:last], window, samples, strength)
        return index + 1, pieces.write(index, tf.reshape(piece, [-1]))

    pieces = tf.TensorArray(tf.float32, count, element_shape=[None], infer_shape=False)
    _, pieces = tf.while_loop(lambda index, _: index < count, one, (0, pieces), parallel_iterations=1)
    return tf.reshape(pieces.concat(), tf.shape(waveform))


def at_training_loudness(waveform: tf.Tensor, loudness: tf.Tensor) -> tf.Tensor:
    """A song of a known loudness, LUFS, brought to `gain.training_loudness`."""
    channels = tf.cast(tf.maximum(tf.shape(waveform)[1], 1), tf.float32)
    return waveform * _gain(loudness, TRAINING_LUFS + 10 / math.log(10) * tf.math.log(channels))


def matched(translated: tf.Tensor, wanted: tf.Tensor, sample_rate: int, strength: tf.Tensor) -> tf.Tensor:
    """A cover [samples, channels] brought to a loudness, LUFS; a strength of 0 switches the limiter off."""
    factor = _gain(integrated_loudness(translated, sample_rate), wanted)
    ceiling = tf.where(strength > 0, CEILING, math.inf)
    return limited(translated, factor, sample_rate, ceiling)


def _gain(loudness: tf.Tensor, wanted: tf.Tensor | float) -> tf.Tensor:
    """`gain.between` on tensors."""
    difference = wanted - loudness
    return tf.where(tf.math.is_finite(difference), 10 ** (difference / 20), 1.0)
