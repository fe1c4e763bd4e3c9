"""The stereo image of a recording, kept apart from what is played.

The translator sees one mono spectrogram. Its magnitude is the root mean square over the channels, and the
image is one gain per channel, frame and bin, whose mean square over the channels is 1:
|channel| = gain * mono magnitude, and mono material has gains of 1. So an unchanged mono magnitude gives back
every channel, hard-panned and out-of-phase material included.

Why not the mean of the waveforms: it cancels what is out of phase between the channels (wide synthesisers,
"surround" mixes), and what is cancelled cannot be translated. Training data are means of waveforms; where the
channels agree, which is where songs have most of their energy (voice, bass, drums), both are the same number;
the root mean square is 3 dB above for what is in one channel only or uncorrelated: a difference of level that
is smaller than that between two songs.

Per-bin gains alone do not keep the width of the whole: a translation turns up what lies between the source's
partials, where channels agree less, and other frequencies than those that dominate the source. So
`with_width_of` brings the finished waveform's side, against its mid, back to the source's.
"""

from __future__ import annotations

import tensorflow as tf

from pipelines.audio.spec import AudioSpec

# Energies below this are silence: gains tend to 1.
_SILENCE = 1e-8
# Two partials of one note are never this near, so each keeps its own place.
_SMOOTHED_BINS = 5
# Six seconds in all at the default spec. A cover has its loud moments elsewhere than its source, so the width
# of the whole song needs averages over several of them: one second left some real mixes 1.5 and 2 dB too
# wide, six leave all of 17 within 0.5 dB, for a quarter more time to translate (margins of windows).
_WIDTH_HOPS = 258
# Shares of the energy below this (-50 dB) are nobody's image; the largest correction is 12 dB.
_LEAST_SHARE, _MOST_GAIN = 1e-5, 4.0

WIDTH_REACH = _WIDTH_HOPS + 1
"""Hops on each side on which a sample depends in `with_width_of`."""


def mono_magnitude(spectra: tf.Tensor) -> tf.Tensor:
    """Root-mean-square magnitude over the channels.

    Args:
        spectra: complex64 [channels, frames, bins].

    Returns:
        float32 [frames, bins].
    """
    return tf.sqrt(tf.reduce_mean(_energy(spectra), axis=0))


def panning(spec: AudioSpec, spectra: tf.Tensor) -> tf.Tensor:
    """Gains that turn a mono magnitude into one of the same stereo image.

    Energies are averaged over a few neighbouring bins, because a translation does not put its partials
    on exactly the bins of the source; not over time, so that windows of a song join exactly.

    Args:
        spec: the gains belong to its bins.
        spectra: complex64 [channels, frames, bins] of the source.

    Returns:
        float32 [channels, frames, bins], mean square over the channels 1; 1 everywhere for mono and
        for silence.
    """
    tf.debugging.assert_equal(tf.shape(spectra)[-1], spec.n_bins)
    energy = _smoothed(_energy(spectra)) + _SILENCE
    return tf.sqrt(energy / tf.reduce_mean(energy, axis=0, keepdims=True))


def with_width_of(source: tf.Tensor, cover: tf.Tensor, hop: int) -> tf.Tensor:
    """A cover whose side channels have, against the mid, the energy that the source's have at that time.

    Mid is the mean over the channels, a channel's side is its difference from it. Mono stays as it is, and so
    does what plays in one channel only or out of phase: there the cover has the source's shares already.

    Args:
        source: float32 [channels, samples].
        cover: of the same shape.
        hop: samples over which energies are summed; they are averaged over `WIDTH_REACH` hops to each side.

    Returns:
        float32 [channels, samples].
    """
    ratio = _side_to_mid(source, hop) / _side_to_mid(cover, hop)
    gains = tf.clip_by_value(tf.sqrt(ratio), 1 / _MOST_GAIN, _MOST_GAIN)
    mid = tf.reduce_mean(cover, axis=0, keepdims=True)
    return mid + (cover - mid) * _lines(gains, hop)[: tf.shape(cover)[1]]


def _side_to_mid(waveform: tf.Tensor, hop: int) -> tf.Tensor:
    """Energy of the sides over that of the mid, around every hop, float32 [hops]."""
    missing = tf.maximum(-tf.shape(waveform)[1] % hop, hop - tf.shape(waveform)[1])
    hops = tf.reshape(tf.pad(waveform, [[0, 0], [0, missing]]), [tf.shape(waveform)[0], -1, hop])
    mid = tf.reduce_mean(hops, axis=0, keepdims=True)
    energies = tf.stack(
        [tf.reduce_sum((hops - mid) ** 2, [0, 2]), _channels(hops) * tf.reduce_sum(mid**2, [0, 2])]
    )
    side, mid = tf.unstack(tf.nn.avg_pool1d(energies[..., None], 2 * _WIDTH_HOPS + 1, 1, "SAME")[..., 0])
    least = _LEAST_SHARE * (side + mid) + _SILENCE
    return (side + least) / (mid + least)


def _channels(tensor: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.shape(tensor)[0], tf.float32)


def _lines(gains: tf.Tensor, hop: int) -> tf.Tensor:
    """Straight lines between the hops' edges, where gains are the mean of two hops': float32 [hops * hop]."""
    around = tf.concat([gains[:1], gains, gains[-1:]], axis=0)
    edges = (around[:-1] + around[1:])[:, None] / 2
    share = tf.range(hop, dtype=tf.float32) / hop
    return tf.reshape(edges[:-1] + (edges[1:] - edges[:-1]) * share, [-1])


def _smoothed(energy: tf.Tensor) -> tf.Tensor:
    """Mean over neighbouring bins, of those that exist at the edges: [channels, frames, bins]."""
    return tf.nn.avg_pool2d(energy[..., None], [1, _SMOOTHED_BINS], 1, "SAME")[..., 0]


def _energy(spectra: tf.Tensor) -> tf.Tensor:
    return tf.square(tf.math.real(spectra)) + tf.square(tf.math.imag(spectra))
