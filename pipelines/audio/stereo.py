"""Stereo image of a recording, separated from its mono magnitude.

The input of a translator is one mono spectrogram: the root mean square of the magnitudes over the channels.
The image is one gain per channel, frame and bin, |channel| = gain * mono magnitude, with a mean square of 1
over the channels; the gains of mono material are 1. An unchanged mono magnitude therefore reproduces every
channel, hard-panned and out-of-phase material included.

The mean of the waveforms would cancel material that is out of phase between the channels (wide synthesisers,
"surround" mixes), and cancelled material cannot be translated. Training data are means of waveforms. Where
the channels agree, as they do for most of a song's energy (voice, bass, drums), both are equal; for material
in one channel only, or uncorrelated, the root mean square is 3 dB higher: a difference in level that is
smaller than that between two songs.

Per-bin gains alone do not preserve the width of a song: a translation amplifies bins between the source's
partials, where channels agree less, and other frequencies than those that dominate the source. Therefore
`match_stereo_width` corrects the ratio of side to mid of the translated waveform.
"""

from __future__ import annotations

import tensorflow as tf

from pipelines.audio.spec import AudioSpec

# Energies below this are silence, where gains tend to 1.
_SILENCE = 1e-8
# Fewer bins than between two partials of a note, so that each keeps its own panning.
_SMOOTHED_BINS = 5
PANNING_REACH = 2
"""Context of a frame of `panning`, frames on each side.

Diffuse sound flutters otherwise: the gains of a tone with vibrato and a decorrelated reverb deviate by 1.92
dB over time without an average, by 1.20 dB with 5 frames and by .88 dB with 7. Of strokes of one pitch that
alternate between the channels eight times a second, -31, -19 and -16 dB end up in the other one.
"""
# Six seconds in total at the default spec. The loud moments of a translation are not those of its source, so
# the averages have to cover several of them: with one second, some real mixes are 1.5 and 2 dB too wide, with
# six all of 17 are within 0.5 dB, for a quarter more time to translate (margins of windows).
_WIDTH_HOPS = 258
# Shares of the energy below this (-50 dB) count as none; the largest correction is 12 dB.
_MIN_SHARE, _MAX_GAIN = 1e-5, 4.0

WIDTH_REACH = _WIDTH_HOPS + 1
"""Context of a sample in `match_stereo_width`, in hops on each side."""


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
    energy = _smoothed(_energy(spectra)) + _SILENCE
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
    gains = tf.clip_by_value(tf.sqrt(ratio), 1 / _MAX_GAIN, _MAX_GAIN)
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
    side, mid = tf.unstack(tf.nn.avg_pool1d(energies[..., None], 2 * _WIDTH_HOPS + 1, 1, "SAME")[..., 0])
    minimum = _MIN_SHARE * (side + mid) + _SILENCE
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
    window = [2 * PANNING_REACH + 1, _SMOOTHED_BINS]
    return tf.nn.avg_pool2d(energy[..., None], window, 1, "SAME")[..., 0]


def _energy(spectra: tf.Tensor) -> tf.Tensor:
    return tf.square(tf.math.real(spectra)) + tf.square(tf.math.imag(spectra))
