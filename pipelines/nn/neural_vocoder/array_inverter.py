"""Neural vocoder on arrays, without TensorFlow; see `pipelines.nn.neural_vocoder.inverter` and `signal`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from pipelines.audio.arrays.inversion import blend_magnitudes, from_spectra, with_magnitude
from pipelines.audio.arrays.mel import log_mel_to_magnitude, with_dc
from pipelines.audio.arrays.stereo import energy, panning
from pipelines.audio.spec import AudioSpec
from pipelines.nn.neural_vocoder.card import VocoderCard

PRIOR_ITERATIONS = 2
"""Updates of linear magnitudes of a log-mel; the network corrects the remaining error."""
FAINT = 1e-5
"""Magnitude floor: 140 dB below a full-scale sine."""
LOG_RANGE = 6.0
"""Natural logarithms of magnitudes, divided by this, are numbers of about one."""
LARGEST = 7.0
"""Largest correction of a log magnitude, nepers (60 dB)."""


@dataclasses.dataclass(frozen=True)
class ArrayNeuralInverter:
    """Inverts log-mels by a network's correction of phases and magnitudes, and an inverse STFT.

    Attributes:
        network: features of each frame -> corrections.
        spec: of the log-mels.
        card: see `VocoderCard`.
    """

    network: Callable[[np.ndarray], np.ndarray]
    spec: AudioSpec
    card: VocoderCard

    @property
    def reach(self) -> int:
        """Frames on each side that a sample depends on: the network's, and those that overlap."""
        overlapping = self.spec.n_fft // self.spec.hop_length
        return self.card.context_frames + overlapping * (self.card.iterations + 1)

    def channels(self, log_mel: np.ndarray, spectra: np.ndarray, length: int, strength: float) -> np.ndarray:
        """Every channel is corrected; the strength scales the angles, too. See `Inverter.channels`."""
        energies, phase = energy(spectra), with_magnitude(spectra, np.ones((), np.float32))
        own, mono = np.sqrt(energies), np.sqrt(energies.mean(axis=0))
        prior = log_mel_to_magnitude(self.spec, log_mel[0, ..., 0], mono, PRIOR_ITERATIONS)
        seen = features(log_mel[0, ..., 0], prior, phase[..., : self.card.phase_bins])
        correction = self.network(seen)
        magnitude, turn = corrected(prior, correction)
        image = blend_magnitudes(own, with_dc(magnitude, mono) * panning(energies), strength)
        bins = turn.shape[-1]
        turned = phase.copy()
        turned[..., :bins] *= np.exp(1j * np.float32(strength) * np.angle(turn)).astype(np.complex64)
        return from_spectra(self.spec, image * turned, image, length, self.card.iterations)


def features(log_mel: np.ndarray, prior: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Input features of the network for the channels of one log-mel; see `signal.features`.

    Args:
        log_mel: float32 [frames, n_mels].
        prior: magnitudes [frames, bins].
        phase: unit phases of the lowest bins, complex64 [channels, frames, bins].

    Returns:
        float32 [channels, frames, width].
    """
    level = np.log(np.maximum(prior, FAINT)) / np.float32(LOG_RANGE)
    shared = np.concatenate([log_mel, level], axis=-1)
    advance, turn = np.zeros_like(phase), np.zeros_like(phase)
    advance[:, 1:] = phase[:, 1:] * phase[:, :-1].conj()
    turn[..., 1:] = phase[..., 1:] * phase[..., :-1].conj()
    parts = [part for ratio in (advance, turn) for part in (ratio.real, ratio.imag)]
    of_channels = np.broadcast_to(shared, (len(phase), *shared.shape))
    return np.concatenate([of_channels, *parts, np.ones_like(parts[0][..., :1])], axis=-1)


def corrected(prior: np.ndarray, correction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corrected magnitudes, and the numbers whose angles the phases of the lowest bins are turned by.

    Args:
        prior: magnitudes [frames, bins].
        correction: of the network, see `signal.corrected`.

    Returns:
        float32 [channels, frames, bins], and complex64 [channels, frames, lowest bins].
    """
    bins = prior.shape[-1]
    log_gain, (cosine, sine) = correction[..., :bins], np.split(correction[..., bins:], 2, axis=-1)
    magnitude = prior * np.exp(np.float32(LARGEST) * np.tanh(log_gain / np.float32(LARGEST)))
    return magnitude, 1 + cosine + 1j * sine
