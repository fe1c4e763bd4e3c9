"""Stereo image of a recording, separated from its mono magnitude, on tensors; see `stereo_image`."""

from __future__ import annotations

import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.audio.stereo_image import (
    MAX_GAIN,
    MIN_SHARE,
    PANNING_REACH,
    SILENCE,
    SMOOTHED_BINS,
    WIDTH_HOPS,
)


def mono_magnitude(spectra: tf.Tensor) -> tf.Tensor:
    """Root-mean-square magnitude over the channels.

    Args:
        spectra: complex64 [channels, frames, bins].

    Returns:
        float32 [frames, bins].
    """
    return tf.sqrt(tf.reduce_mean(_energy(spectra), axis=0))


def panning(spec: AudioSpec, spectra: tf.Tensor) -> tf.Tensor:
    """Gains from a mono magnitude to the channels of a source's stereo image.

    Energies are averaged over a few neighbouring bins, because the partials of a translation are not exactly
    on the bins of the source, and over `PANNING_REACH` frames on each side, because those of diffuse sound
    fluctuate.

    Args:
        spec: of the STFT.
        spectra: complex64 [channels, frames, bins] STFT of the source.

    Returns:
        float32 [channels, frames, bins], with a mean square of 1 over the channels; 1 everywhere for mono and
        for silence.
    """
    tf.debugging.assert_equal(tf.shape(spectra)[-1], spec.n_bins)
    energy = _smoothed(_energy(spectra)) + SILENCE
    return tf.sqrt(energy / tf.reduce_mean(energy, axis=0, keepdims=True))


def match_stereo_width(source: tf.Tensor, translated: tf.Tensor, hop: int) -> tf.Tensor:
    """Scales the side channels of a translated waveform to the source's ratio of side to mid energy.

    Mid is the mean over the channels; the side of a channel is its difference from the mid. Mono stays
    unchanged, as does material in one channel only or out of phase, whose ratio is correct already.

    Args:
        source: float32 [channels, samples].
        translated: of the same shape.
        hop: samples over which energies are summed, before the average over `WIDTH_REACH` hops on each side.

    Returns:
        float32 [channels, samples].
    """
    ratio = _side_to_mid(source, hop) / _side_to_mid(translated, hop)
    gains = tf.clip_by_value(tf.sqrt(ratio), 1 / MAX_GAIN, MAX_GAIN)
    mid = tf.reduce_mean(translated, axis=0, keepdims=True)
    return mid + (translated - mid) * _interpolated(gains, hop)[: tf.shape(translated)[1]]


def _side_to_mid(waveform: tf.Tensor, hop: int) -> tf.Tensor:
    """Ratio of side to mid energy around every hop, float32 [hops]."""
    missing = tf.maximum(-tf.shape(waveform)[1] % hop, hop - tf.shape(waveform)[1])
    hops = tf.reshape(tf.pad(waveform, [[0, 0], [0, missing]]), [tf.shape(waveform)[0], -1, hop])
    mid = tf.reduce_mean(hops, axis=0, keepdims=True)
    energies = tf.stack(
        [tf.reduce_sum((hops - mid) ** 2, [0, 2]), _channels(hops) * tf.reduce_sum(mid**2, [0, 2])]
    )
    side, mid = tf.unstack(tf.nn.avg_pool1d(energies[..., None], 2 * WIDTH_HOPS + 1, 1, "SAME")[..., 0])
    minimum = MIN_SHARE * (side + mid) + SILENCE
    return (side + minimum) / (mid + minimum)


def _channels(tensor: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.shape(tensor)[0], tf.float32)


def _interpolated(gains: tf.Tensor, hop: int) -> tf.Tensor:
    """Gains of samples, linear between the edges of hops with the mean of both hops: float32 [hops * hop]."""
    around = tf.concat([gains[:1], gains, gains[-1:]], axis=0)
    edges = (around[:-1] + around[1:])[:, None] / 2
    share = tf.range(hop, dtype=tf.float32) / hop
    return tf.reshape(edges[:-1] + (edges[1:] - edges[:-1]) * share, [-1])


def _smoothed(energy: tf.Tensor) -> tf.Tensor:
    """Moving average over frames and bins, at the edges over existing ones: [channels, frames, bins]."""
    window = [2 * PANNING_REACH + 1, SMOOTHED_BINS]
    return tf.nn.avg_pool2d(energy[..., None], window, 1, "SAME")[..., 0]


def _energy(spectra: tf.Tensor) -> tf.Tensor:
    return tf.square(tf.math.real(spectra)) + tf.square(tf.math.imag(spectra))
