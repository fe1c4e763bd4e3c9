"""The signal processing around a neural vocoder's network: what it starts from, sees and corrects.

A vocoder does not make a spectrum from nothing. It starts from the amplitude prior of FreeV (Lv et al. 2024,
"FreeV: free lunch for vocoders through pseudo inversed mel filter"), with the source's fine structure where
there is a source, and from the source's phase, which is nearly right on a translation. What it sees of phases
are their differences only, from frame to frame and from bin to bin, so that nothing depends on where a frame
lies in the song.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import tensorflow as tf

from pipelines.audio.inversion import GriffinLim, from_angle, unit_phase
from pipelines.audio.mel import mel_to_magnitude
from pipelines.audio.scaling import unscale
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft
from pipelines.nn.neural_vocoder.array_inverter import FAINT, LARGEST, LOG_RANGE, PRIOR_ITERATIONS

BLIND_ITERATIONS = 8
"""Iterations of Griffin-Lim from random phases, for songs without a source's phases."""


class Start(NamedTuple):
    """Initial magnitudes and phases, which a vocoder corrects.

    Attributes:
        magnitude: float32 [batch, frames, bins].
        phase: unit complex64 [batch, frames, bins].
        sourced: float32 [batch], 1 where the phases are a source's, 0 where Griffin-Lim estimated them.
    """

    magnitude: tf.Tensor
    phase: tf.Tensor
    sourced: tf.Tensor


def prior(spec: AudioSpec, log_mel: tf.Tensor, fine: tf.Tensor | None = None) -> tf.Tensor:
    """Magnitudes [batch, frames, bins] of about these log-mels [batch, frames, n_mels, 1].

    Args:
        spec: of the log-mels.
        log_mel: scaled.
        fine: magnitudes [batch, frames, bins] whose fine structure is used; None for the pseudo-inverse.
    """
    mel = unscale(tf.math, spec, log_mel[..., 0])
    return mel_to_magnitude(spec, mel, start=fine, iterations=PRIOR_ITERATIONS)


def sourced_start(spec: AudioSpec, log_mel: tf.Tensor, source: tf.Tensor) -> Start:
    """From the phase and fine structure of a source, complex64 [batch, frames, bins]."""
    return Start(prior(spec, log_mel, tf.abs(source)), unit_phase(source), tf.ones(tf.shape(source)[0]))


def blind_start(spec: AudioSpec, log_mel: tf.Tensor, seed: tf.Tensor | int) -> Start:
    """From nothing but the log-mel: some iterations of Griffin-Lim make up phases that fit together.

    Args:
        spec: of the log-mels.
        log_mel: [batch, frames, n_mels, 1].
        seed: of the random phases that they begin with.
    """
    magnitude = prior(spec, log_mel)
    inverter = GriffinLim(spec, BLIND_ITERATIONS)
    angle = tf.random.stateless_uniform(tf.shape(magnitude), tf.stack([seed, 0]), maxval=2 * math.pi)
    waveform = inverter.from_magnitude(magnitude, from_angle(angle))
    phase = unit_phase(tf.ensure_shape(stft(spec, waveform), magnitude.shape))
    return Start(magnitude, phase, tf.zeros(tf.shape(magnitude)[0]))


def partly_sourced(
    spec: AudioSpec, log_mel: tf.Tensor, source: tf.Tensor, unsourced: int, seed: tf.Tensor | int
) -> Start:
    """`blind_start` of the first clips of a batch, as many as `unsourced`; `sourced_start` of the others."""
    starts = [
        blind_start(spec, log_mel[:unsourced], seed),
        sourced_start(spec, log_mel[unsourced:], source[unsourced:]),
    ]
    return Start(*(tf.concat(parts, axis=0) for parts in zip(*starts, strict=True)))


def features(log_mel: tf.Tensor, start: Start, phase_bins: int) -> tf.Tensor:
    """Input features of the vocoder's network for each frame.

    They are the log-mel; the start's log magnitudes; for the lowest bins, the phase differences from the
    frame before and from the bin below (the latter depend on where in the frame the energy lies), as cosines
    and sines; and 1 if the phases are a source's, else 0.

    Args:
        log_mel: float32 [batch, frames, n_mels, 1].
        start: see `Start`.
        phase_bins: number of bins whose phases are included, from the lowest on.

    Returns:
        float32 [batch, frames, `feature_width`].
    """
    low = start.phase[..., :phase_bins]
    seen = [_parts(_advance(low)), _parts(_turn(low))]
    has_source = tf.zeros_like(log_mel[:, :, :1, 0]) + start.sourced[:, None, None]
    level = tf.math.log(tf.maximum(start.magnitude, FAINT)) / LOG_RANGE
    return tf.concat([log_mel[..., 0], level, *seen, has_source], axis=-1)


def feature_width(spec: AudioSpec, phase_bins: int) -> int:
    """Numbers of each frame that `features` makes."""
    return spec.n_mels + spec.n_bins + 4 * phase_bins + 1


def correction_width(spec: AudioSpec, phase_bins: int) -> int:
    """Numbers of each frame that `corrected` takes."""
    return spec.n_bins + 2 * phase_bins


def corrected(start: Start, correction: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Magnitudes and unit phases after the network's correction.

    Args:
        start: see `Start`.
        correction: float32 [batch, frames, `correction_width`]: what is added to log magnitudes, and of the
            lowest bins cosines less one and sines of the angles that phases are turned by. All zero
            changes nothing.

    Returns:
        float32 and complex64 [batch, frames, bins].
    """
    bins = start.magnitude.shape[-1]
    log_gain, cosine, sine = _split(correction, bins)
    magnitude = start.magnitude * tf.exp(LARGEST * tf.tanh(log_gain / LARGEST))
    low = cosine.shape[-1]
    turned = start.phase[..., :low] * unit_phase(tf.complex(1 + cosine, sine))
    return magnitude, tf.concat([turned, start.phase[..., low:]], axis=-1)


def _split(correction: tf.Tensor, bins: int) -> list[tf.Tensor]:
    low = (correction.shape[-1] - bins) // 2
    return tf.split(correction, [bins, low, low], axis=-1)


def _advance(phase: tf.Tensor) -> tf.Tensor:
    """Unit numbers: each phase over the one before it; the first frame's is 0.

    A tone in the middle of a bin advances by a constant of that bin, which the network's weights absorb.
    """
    ratio = phase[:, 1:] * tf.math.conj(phase[:, :-1])
    return tf.pad(ratio, [[0, 0], [1, 0], [0, 0]])


def _turn(phase: tf.Tensor) -> tf.Tensor:
    """Unit numbers: each phase over the one of the bin below; the lowest bin's is 0."""
    ratio = phase[..., 1:] * tf.math.conj(phase[..., :-1])
    return tf.pad(ratio, [[0, 0], [0, 0], [1, 0]])


def _parts(numbers: tf.Tensor) -> tf.Tensor:
    return tf.concat([tf.math.real(numbers), tf.math.imag(numbers)], axis=-1)
