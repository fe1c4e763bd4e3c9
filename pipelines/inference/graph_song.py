"""Translation of a song in memory inside the TensorFlow graph: window by window, at the song's loudness."""

from __future__ import annotations

import math

import tensorflow as tf

from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.audio.stereo import match_stereo_width
from pipelines.audio.true_peak import CEILING
from pipelines.inference.graph_limiter import limit
from pipelines.inference.graph_loudness import integrated_loudness
from pipelines.inference.window_translator import WindowTranslator
from pipelines.nn.dials import Dials


def translate_song(window_translator: WindowTranslator, waveform: tf.Tensor, dials: Dials) -> tf.Tensor:
    """Translates a song into the band's sound.

    Args:
        window_translator: translates its windows.
        waveform: float32 [samples, channels] at the spec's sample rate, of any length, even 0.
        dials: of the song.

    Returns:
        float32 [samples, channels]: at the loudness of the source, with true peaks of -1 dBTP at most; the
        source itself at a strength of 0.
    """
    sample_rate = window_translator.spec.sample_rate
    loudness = integrated_loudness(waveform, sample_rate)
    translated = translate_waveform(window_translator, to_training_loudness(waveform, loudness), dials)
    return match_loudness(translated, loudness, sample_rate, dials.strength)


def translate_waveform(window_translator: WindowTranslator, waveform: tf.Tensor, dials: Dials) -> tf.Tensor:
    """Translates a waveform at the training loudness; the loudness is not matched.

    Args:
        window_translator: translates its windows.
        waveform: float32 [samples, channels].
        dials: of the song.

    Returns:
        float32 [samples, channels], of the stereo width of the source.
    """
    translated = translate_windows(window_translator, waveform, dials)
    hop = window_translator.spec.hop_length
    return tf.transpose(match_stereo_width(tf.transpose(waveform), tf.transpose(translated), hop))


def translate_windows(window_translator: WindowTranslator, waveform: tf.Tensor, dials: Dials) -> tf.Tensor:
    """Translates a waveform window by window; see `translate_waveform`, whose stereo width is not matched."""
    samples, half = tf.shape(waveform)[0], window_translator.spec.n_fft // 2
    frames = window_translator.spec.frames(samples)
    padded = tf.pad(waveform, [[half, half], [0, 0]])
    count = window_translator.windows.count(frames)

    def translate_next(index: tf.Tensor, outputs: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
        window = window_translator.windows.at(tf, index, frames)
        first, last = window_translator.sample_span(window)
        output = window_translator(padded[first:last], window, samples, dials)
        return index + 1, outputs.write(index, tf.reshape(output, [-1]))

    outputs = tf.TensorArray(tf.float32, count, element_shape=[None], infer_shape=False)
    _, outputs = tf.while_loop(
        lambda index, _: index < count, translate_next, (0, outputs), parallel_iterations=1
    )
    return tf.reshape(outputs.concat(), tf.shape(waveform))


def to_training_loudness(waveform: tf.Tensor, loudness: tf.Tensor) -> tf.Tensor:
    """Waveform [samples, channels] of a known loudness, LUFS, scaled to `gain.training_loudness`."""
    channels = tf.cast(tf.maximum(tf.shape(waveform)[1], 1), tf.float32)
    return waveform * _loudness_gain(loudness, TRAINING_LUFS + 10 / math.log(10) * tf.math.log(channels))


def match_loudness(
    translated: tf.Tensor, loudness: tf.Tensor, sample_rate: int, strength: tf.Tensor
) -> tf.Tensor:
    """Translation [samples, channels] at a loudness, LUFS, and limited; not limited at a strength of 0."""
    factor = _loudness_gain(integrated_loudness(translated, sample_rate), loudness)
    ceiling = tf.where(strength > 0, CEILING, math.inf)
    return limit(translated, factor, sample_rate, ceiling)


def _loudness_gain(loudness: tf.Tensor, target: tf.Tensor | float) -> tf.Tensor:
    """`gain.loudness_gain` on tensors."""
    difference = target - loudness
    return tf.where(tf.math.is_finite(difference), 10 ** (difference / 20), 1.0)
