"""Augmentation that makes a source of a band's recording: another band's recording of the same notes.

A translation has its source's notes at the source's times, but its source is another recording: other levels
of the partials, other attacks, other phases from partial to partial, distortion and noise. Pitch stays.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import overlap_add, stft, window_energy
from vocoder.config import SourceConfig

Seeds = Iterator[tf.Tensor]

_TINY = 1e-5
_ENVELOPE_BINS = 21
"""A spectral envelope is a mean over so many bins: 450 Hz at the default spec."""
_SMEARED_FRAMES = 15
"""Frames that levels are averaged over: 0.17 s at the default spec."""
_SCATTERED = (5, 7)
"""Frames and bins whose mean level the noise has."""
_LEAST_ENERGY = 0.2
"""Smallest sum of squared windows that a sample is divided by; at a clip's ends the sum is small."""


def simulated_source(
    spec: AudioSpec, band: tf.Tensor, other: tf.Tensor, config: SourceConfig, seeds: Seeds
) -> tf.Tensor:
    """Source of each of the band's clips.

    Args:
        spec: of both.
        band: float32 [batch, samples], whole uncentred frames.
        other: of the same shape, content songs, whose long-term spectra the sources are given.
        config: amounts.
        seeds: at least eleven.

    Returns:
        float32 [batch, samples].
    """
    spectra = stft(spec, band, center=False)
    gain = _timbre(tf.abs(spectra), tf.abs(stft(spec, other, center=False)), config, seeds)
    gain += _equalizer(tf.shape(band)[0], spec.n_bins, config, next(seeds))
    gain += _smear(tf.abs(spectra), config, next(seeds))
    angle = _delay(spec, tf.shape(band)[0], config, next(seeds))
    # Limited, for where nothing sounds there is nothing to be made louder.
    gain = tf.exp(tf.clip_by_value(gain, -6.0, 3.0))
    changed = spectra * tf.complex(gain * tf.cos(angle), gain * tf.sin(angle))
    sound = _inverse(spec, _scattered(changed, config, seeds))
    return _noisy(_driven(sound, config, next(seeds)), config, next(seeds), next(seeds))


def _timbre(band: tf.Tensor, other: tf.Tensor, config: SourceConfig, seeds: Seeds) -> tf.Tensor:
    """Nepers [batch, 1, bins] towards the other clip's long-term spectrum, level aside."""
    wanted, present = (tf.math.log(_envelope(x) + _TINY) for x in (other, band))
    difference = wanted - present
    difference -= tf.reduce_mean(difference, axis=-1, keepdims=True)
    return _share(difference, config.envelope, next(seeds)) * difference


def _envelope(magnitude: tf.Tensor) -> tf.Tensor:
    level = tf.reduce_mean(magnitude, axis=1, keepdims=True)
    return tf.transpose(
        tf.nn.avg_pool1d(tf.transpose(level, [0, 2, 1]), _ENVELOPE_BINS, 1, "SAME"), [0, 2, 1]
    )


def _equalizer(batch: tf.Tensor, bins: int, config: SourceConfig, seed: tf.Tensor) -> tf.Tensor:
    """Nepers [batch, 1, bins]: a random curve."""
    return config.equalizer * _curve(batch, bins, config.knots, seed)


def _delay(spec: AudioSpec, batch: tf.Tensor, config: SourceConfig, seed: tf.Tensor) -> tf.Tensor:
    """Angles [batch, 1, bins] of an all-pass filter whose delay is a random curve over frequency."""
    seconds = config.delay * _curve(batch, spec.n_bins, config.knots, seed)
    radians_per_bin = 2 * math.pi * spec.sample_rate / spec.n_fft
    return -tf.cumsum(seconds * radians_per_bin, axis=-1)


def _smear(magnitude: tf.Tensor, config: SourceConfig, seed: tf.Tensor) -> tf.Tensor:
    """Nepers [batch, frames, bins] towards the level around each frame."""
    around = tf.nn.avg_pool1d(magnitude, _SMEARED_FRAMES, 1, "SAME")
    difference = tf.math.log((around + _TINY) / (magnitude + _TINY))
    return _share(magnitude, config.smear, seed) * difference


def _scattered(spectra: tf.Tensor, config: SourceConfig, seeds: Seeds) -> tf.Tensor:
    """Spectra whose fine structure is partly, and above a cutoff wholly, noise of the level around."""
    level = tf.nn.avg_pool2d(tf.abs(spectra)[..., None], _SCATTERED, 1, "SAME")[..., 0]
    parts = [tf.random.stateless_normal(tf.shape(level), next(seeds)) * level for _ in range(2)]
    share = _noise_share(spectra.shape[-1], tf.abs(spectra), config, seeds)
    kept = tf.sqrt(1 - share * share)
    real, imaginary = tf.math.real(spectra), tf.math.imag(spectra)
    return tf.complex(kept * real + share * parts[0], kept * imaginary + share * parts[1])


def _noise_share(bins: int, like: tf.Tensor, config: SourceConfig, seeds: Seeds) -> tf.Tensor:
    """[batch, 1, bins]: a random share below a random cutoff, one above it; all zero if `scatter` is."""
    below = _share(like, config.scatter, next(seeds))
    if not config.scatter:
        return below
    # From 900 Hz to 14 kHz at the default spec, half of them below 5.5 kHz.
    cutoff = tf.square(0.2 + _share(like, 0.6, next(seeds)))
    place = tf.linspace(0.0, 1.0, bins)
    return below + (1 - below) * tf.sigmoid((place - cutoff) / (0.1 * cutoff))


def _driven(sound: tf.Tensor, config: SourceConfig, seed: tf.Tensor) -> tf.Tensor:
    """Saturated by tanh, at the same level."""
    level = _level(sound)
    drive = _share(sound, config.drive, seed) + 0.05
    driven = tf.tanh(drive * sound / level)
    return driven * level / _level(driven)


def _noisy(sound: tf.Tensor, config: SourceConfig, amount: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """With white noise, mostly little of it."""
    share = tf.square(_share(sound, config.noise**0.5, amount))
    return sound + share * _level(sound) * tf.random.stateless_normal(tf.shape(sound), seed)


def _level(sound: tf.Tensor) -> tf.Tensor:
    return tf.sqrt(tf.reduce_mean(sound * sound, axis=-1, keepdims=True)) + _TINY


def _inverse(spec: AudioSpec, spectra: tf.Tensor) -> tf.Tensor:
    """The samples that uncentred frames were cut from."""
    energy = window_energy(spec, tf.shape(spectra)[1])
    return overlap_add(spec, spectra) / tf.maximum(energy, _LEAST_ENERGY)


def _curve(batch: tf.Tensor, points: int, knots: int, seed: tf.Tensor) -> tf.Tensor:
    """Random curves [batch, 1, points] of deviation one at their knots, finer at the low end."""
    values = tf.random.stateless_normal([batch, knots], seed)
    place = tf.sqrt(tf.linspace(0.0, 1.0, points)) * (knots - 1)
    below = tf.minimum(tf.cast(place, tf.int32), knots - 2)
    part = place - tf.cast(below, tf.float32)
    curve = tf.gather(values, below, axis=1) * (1 - part) + tf.gather(values, below + 1, axis=1) * part
    return curve[:, None]


def _share(like: tf.Tensor, most: float, seed: tf.Tensor) -> tf.Tensor:
    """Random number from 0 to `most` for each clip, with the rank of `like`."""
    shape = tf.concat([tf.shape(like)[:1], tf.ones([tf.rank(like) - 1], tf.int32)], axis=0)
    return tf.random.stateless_uniform(shape, seed, maxval=most)


def simulated_translation(log_mel: tf.Tensor, config: SourceConfig, seeds: Seeds) -> tf.Tensor:
    """Log-mels [batch, frames, n_mels, 1] with the errors of a translator: some smoothed, some with noise."""
    smooth = tf.nn.avg_pool2d(log_mel, 3, 1, "SAME")
    chance = tf.random.stateless_uniform(tf.shape(log_mel)[:1], next(seeds))[:, None, None, None]
    noise = tf.random.stateless_normal(tf.shape(log_mel), next(seeds))
    noise *= _share(log_mel, config.mel_noise, next(seeds))
    return tf.maximum(tf.where(chance < config.blur, smooth, log_mel) + noise, -1.0)
