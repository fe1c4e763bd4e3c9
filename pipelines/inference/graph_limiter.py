"""Limiter of `pipelines.audio.limiter` for a waveform in the TensorFlow graph, core ops only."""

from __future__ import annotations

import math

import tensorflow as tf

from pipelines.audio.limiter import attenuation, excess, sample_gains, step_gains
from pipelines.audio.true_peak import CONTEXT, STEP, interpolator
from pipelines.inference.gain import BISECTIONS, MAX_MAKEUP, gating_block_energies, halved
from pipelines.inference.graph_loudness import gated_loudness, weighted_energies

_STEPS_PER_CHUNK = 4096
_TINY = 1e-12


def limit(waveform: tf.Tensor, factor: tf.Tensor, sample_rate: int, ceiling: tf.Tensor) -> tf.Tensor:
    """Waveform multiplied by a gain, and limited without loss of loudness.

    Args:
        waveform: float32 [samples, channels].
        factor: float32 scalar gain; raised by the makeup gain for the loudness that the limiter removes.
        sample_rate: Hz.
        ceiling: float32 scalar, largest true peak, linear; infinity for no limiter.

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
        return gated_loudness(gating_block_energies(tf, energies * tf.square(gains), sample_rate))

    minimum = tf.math.log(factor)
    target = loudness(minimum, tf.constant(math.inf))
    # A loop of the graph: unrolled, it is most of an export's nodes, and of the time to trace and load it.
    log_gain, _ = tf.while_loop(
        lambda low, high: True,
        lambda low, high: halved(tf, lambda log_gain: loudness(log_gain, ceiling), target, low, high),
        (minimum, minimum + MAX_MAKEUP),
        maximum_iterations=BISECTIONS,
        parallel_iterations=1,
    )
    gains = sample_gains(tf, nodes(log_gain, ceiling))[:samples]
    return waveform * tf.exp(log_gain) * gains[:, None]


def true_peaks(waveform: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
    """True peaks of the steps of a waveform, as `true_peak.PeakMeter` measures them.

    Args:
        waveform: float32 [samples, channels].
        steps: number of steps of `true_peak.STEP` samples; samples beyond the end are silence.

    Returns:
        float32 [steps].
    """
    chunk = _STEPS_PER_CHUNK * STEP
    chunks = (steps + _STEPS_PER_CHUNK - 1) // _STEPS_PER_CHUNK
    after = chunks * chunk + CONTEXT - tf.shape(waveform)[0]
    padded = tf.pad(waveform, [[CONTEXT, after], [0, 0]])

    def peaks(index: tf.Tensor) -> tf.Tensor:
        chunk_samples = tf.transpose(padded[index * chunk : (index + 1) * chunk + 2 * CONTEXT])
        chunk_samples = tf.ensure_shape(chunk_samples, [None, chunk + 2 * CONTEXT])
        frames = tf.signal.frame(chunk_samples, STEP + 2 * CONTEXT, STEP)
        return tf.reduce_max(tf.abs(tf.linalg.matmul(frames, interpolator())), axis=[0, 2])

    spec = tf.TensorSpec([_STEPS_PER_CHUNK], tf.float32)
    found = tf.map_fn(peaks, tf.range(chunks), parallel_iterations=1, fn_output_signature=spec)
    return tf.reshape(found, [-1])[:steps]
