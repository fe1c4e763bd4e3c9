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
"""

from __future__ import annotations

import tensorflow as tf

from pipelines.audio.spec import AudioSpec

# Energies below this are silence: gains tend to 1.
_SILENCE = 1e-8
# Two partials of one note are never this near, so each keeps its own place.
_SMOOTHED_BINS = 5


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


def _smoothed(energy: tf.Tensor) -> tf.Tensor:
    """Mean over neighbouring bins, of those that exist at the edges: [channels, frames, bins]."""
    return tf.nn.avg_pool2d(energy[..., None], [1, _SMOOTHED_BINS], 1, "SAME")[..., 0]


def _energy(spectra: tf.Tensor) -> tf.Tensor:
    return tf.square(tf.math.real(spectra)) + tf.square(tf.math.imag(spectra))
