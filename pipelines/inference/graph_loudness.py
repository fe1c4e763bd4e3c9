"""Integrated loudness (ITU-R BS.1770-4) inside the TensorFlow graph, for exported models."""

from __future__ import annotations

import math

import numpy as np
import tensorflow as tf

from pipelines.audio.k_weighting import impulse_response

_STEP_SECONDS = 0.1
_STEPS_PER_BLOCK = 4
_CHUNK_SECONDS = 5.0
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_OFFSET = -0.691
_TINY = 1e-20


def integrated_loudness(waveform: tf.Tensor, sample_rate: int) -> tf.Tensor:
    """Integrated loudness of a waveform, in memory of a few seconds beside the waveform itself.

    Gating blocks of 0.4 s overlap by 75 %; waveforms shorter than a block are padded with silence.

    Args:
        waveform: float32 [samples, channels], mono or stereo (every channel weighs 1).
        sample_rate: Hz.

    Returns:
        float32 scalar, LUFS; minus infinity for silence.
    """
    step = round(_STEP_SECONDS * sample_rate)
    count = tf.maximum(_blocks(tf.shape(waveform)[0], step) + _STEPS_PER_BLOCK - 1, _STEPS_PER_BLOCK)
    steps = weighted_energies(waveform, sample_rate, step, count) / step
    return gated_loudness(tf.reduce_mean(tf.signal.frame(steps, _STEPS_PER_BLOCK, 1), axis=-1))


def gated_loudness(blocks: tf.Tensor) -> tf.Tensor:
    """Loudness, LUFS, of the mean K-weighted energies of gating blocks, float32 [blocks]; -inf for silence.

    Source: ITU-R BS.1770-4, annex 1, equations 4 to 7, with gates at -70 LUFS and at -10 LU.
    """
    loud = tf.boolean_mask(blocks, _lufs(blocks) > _ABSOLUTE_GATE)
    relative_gate = _lufs(tf.reduce_mean(loud)) + _RELATIVE_GATE
    gated = tf.boolean_mask(loud, _lufs(loud) > relative_gate)
    return tf.where(tf.size(gated) > 0, _lufs(tf.reduce_mean(gated)), -math.inf)


def _lufs(energy: tf.Tensor) -> tf.Tensor:
    return _OFFSET + 10 / math.log(10) * tf.math.log(tf.maximum(energy, _TINY))


def weighted_energies(waveform: tf.Tensor, sample_rate: int, step: int, count: tf.Tensor) -> tf.Tensor:
    """K-weighted energies, summed over the channels and the samples of every step.

    Args:
        waveform: float32 [samples, channels].
        sample_rate: Hz.
        step: number of samples of a step.
        count: number of steps; samples beyond the end are silence.

    Returns:
        float32 [count].
    """
    response = impulse_response(sample_rate).astype(np.float32)
    samples, before = tf.shape(waveform)[0], len(response) - 1
    per_chunk = math.ceil(_CHUNK_SECONDS * sample_rate / step)
    chunk = per_chunk * step
    chunks = (count + per_chunk - 1) // per_chunk
    padded = tf.pad(waveform, [[before, tf.maximum(chunks * chunk - samples, 0)], [0, 0]])

    def energies(index: tf.Tensor) -> tf.Tensor:
        chunk_samples = tf.transpose(padded[index * chunk : index * chunk + chunk + before])
        chunk_samples = tf.ensure_shape(chunk_samples, [None, chunk + before])
        weighted = _filtered(chunk_samples, response)[:, before : before + chunk]
        return tf.reduce_sum(tf.reshape(weighted**2, [-1, per_chunk, step]), axis=[0, 2])

    spec = tf.TensorSpec([per_chunk], tf.float32)
    found = tf.map_fn(energies, tf.range(chunks), parallel_iterations=1, fn_output_signature=spec)
    return tf.reshape(found, [-1])[:count]


def _blocks(samples: tf.Tensor, step: int) -> tf.Tensor:
    """Number of gating blocks, rounded as by pyloudnorm: the last one may exceed the end by half a step."""
    return tf.cast(tf.round(tf.cast(samples, tf.float64) / step), tf.int32) - _STEPS_PER_BLOCK + 1


def _filtered(waveform: tf.Tensor, response: np.ndarray) -> tf.Tensor:
    """Convolution by FFT along the last axis, of static length; valid from sample len(response) - 1 on."""
    size = [1 << (int(waveform.shape[-1]) - 1).bit_length()]
    return tf.signal.irfft(tf.signal.rfft(waveform, size) * tf.signal.rfft(response, size), size)
