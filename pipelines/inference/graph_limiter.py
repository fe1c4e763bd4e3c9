"""The limiter of `pipelines.audio.limiter` around a waveform in the TensorFlow graph, core ops only."""

from __future__ import annotations

import math

import tensorflow as tf

from pipelines.audio.limiter import attenuation, excess, sample_gains, step_gains
from pipelines.audio.true_peak import CONTEXT, STEP, interpolator
from pipelines.inference.gain import gate_blocks, makeup
from pipelines.inference.graph_loudness import gated, weighted_energies

_STEPS_PER_CHUNK = 4096
_TINY = 1e-12


def limited(waveform: tf.Tensor, factor: tf.Tensor, sample_rate: int, ceiling: tf.Tensor) -> tf.Tensor:
    """A waveform multiplied by a gain, and limited without loss of loudness.

    Args:
        waveform: float32 [samples, channels].
        factor: float32 scalar; where the limiter takes loudness, more is given to make up for it.
        sample_rate: Hz.
        ceiling: float32 scalar, largest true peak; infinity for no limiting.

    Returns:
        float32 [samples, channels].
    """
    samples = tf.shape(waveform)[0]
    steps = tf.maximum((samples + STEP - 1) // STEP, 1)
    log_peaks = tf.math.log(tf.maximum(true_peaks(waveform, steps), _TINY))
    energies = weighted_energies(waveform, sample_rate, STEP, steps)

    def nodes(log_gain: tf.Tensor, ceiling: tf.Tensor) -> tf.Tensor:
        return attenuation(tf, excess(tf, log_peaks, log_gain, ceiling), sample_rate)

    def loudness(log_gain: tf.Tensor, ceiling: tf.Tensor) -> tf.Tensor:
        gains = step_gains(tf, nodes(log_gain, ceiling)) * tf.exp(log_gain)
        return gated(gate_blocks(tf, energies * tf.square(gains), sample_rate))

    least = tf.math.log(factor)
    wanted = loudness(least, tf.constant(math.inf))
    log_gain = makeup(tf, lambda log_gain: loudness(log_gain, ceiling), least, wanted)
    gains = sample_gains(tf, nodes(log_gain, ceiling))[:samples]
    return waveform * tf.exp(log_gain) * gains[:, None]


def true_peaks(waveform: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """True peaks of the steps of a waveform [samples, channels]: what `true_peak.PeakMeter` measures.

    Returns:
        float32 [steps].
    """
    chunk = _STEPS_PER_CHUNK * STEP
    chunks = (steps + _STEPS_PER_CHUNK - 1) // _STEPS_PER_CHUNK
    after = chunks * chunk + CONTEXT - tf.shape(waveform)[0]
    padded = tf.pad(waveform, [[CONTEXT, after], [0, 0]])

    def peaks(index: tf.Tensor) -> tf.Tensor:
        piece = tf.transpose(padded[index * chunk : (index + 1) * chunk + 2 * CONTEXT])
        piece = tf.ensure_shape(piece, [None, chunk + 2 * CONTEXT])
        frames = tf.signal.frame(piece, STEP + 2 * CONTEXT, STEP)
        return tf.reduce_max(tf.abs(tf.linalg.matmul(frames, interpolator())), axis=[0, 2])

    spec = tf.TensorSpec([_STEPS_PER_CHUNK], tf.float32)
    found = tf.map_fn(peaks, tf.range(chunks), parallel_iterations=1, fn_output_signature=spec)
    return tf.reshape(found, [-1])[:steps]
