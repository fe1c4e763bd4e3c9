"""Inversion of log-mels with a source's phase on arrays, see `pipelines.audio.inversion.GriffinLim`."""

from __future__ import annotations

import dataclasses

import numpy as np

from pipelines.audio.arrays.mel import log_mel_to_magnitude
from pipelines.audio.arrays.stereo import energy, mono_magnitude, panning
from pipelines.audio.arrays.stft import istft
from pipelines.audio.spec import AudioSpec

MIN_MAGNITUDE = 1e-5
"""Magnitude, -154 dB below a full-scale sine at the default spec, that replaces zeros before a logarithm."""

MIN_ENERGY = 1e-20
"""Energy that replaces zero where a phase is computed."""


@dataclasses.dataclass(frozen=True)
class SourcePhase:
    """Inverter by one inverse STFT with the phase of the source: Griffin-Lim without iterations.

    Attributes:
        spec: of the log-mels.
    """

    spec: AudioSpec

    @property
    def reach(self) -> int:
        """Context of a sample, in frames on each side: overlapping frames."""
        return self.spec.n_fft // self.spec.hop_length

    def channels(self, log_mel: np.ndarray, spectra: np.ndarray, length: int, strength: float) -> np.ndarray:
        """Inverts one log-mel to channels; see `pipelines.audio.inversion.Inverter.channels`.

        Args:
            log_mel: float32 [1, frames, n_mels, 1], of centred frames.
            spectra: complex64 [channels, frames, bins] STFT of the source.
            length: number of samples.
            strength: from 0, the source's magnitudes, to 1, those of the log-mel.

        Returns:
            float32 [channels, length].
        """
        magnitude = log_mel_to_magnitude(self.spec, log_mel[0, ..., 0], mono_magnitude(spectra))
        own = np.sqrt(energy(spectra))
        image = blend_magnitudes(own, magnitude * panning(spectra), strength)
        return istft(self.spec, with_magnitude(spectra, image), length)


def blend_magnitudes(source: np.ndarray, translated: np.ndarray, strength: float) -> np.ndarray:
    """Interpolated magnitudes, linear in decibels, between a source (strength 0) and a translation (1)."""
    source, translated = np.maximum(source, MIN_MAGNITUDE), np.maximum(translated, MIN_MAGNITUDE)
    if strength in (0, 1):
        return translated if strength else source
    return np.exp((1 - strength) * np.log(source) + strength * np.log(translated))


def with_magnitude(spectra: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """Spectra with other magnitudes and the same phases (0 stays 0), complex64."""
    return spectra * (magnitude / np.sqrt(energy(spectra) + np.float32(MIN_ENERGY)))
