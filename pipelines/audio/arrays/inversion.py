"""Inversion of log-mels with a source's phase on arrays, see `pipelines.audio.inversion.GriffinLim`."""

from __future__ import annotations

import dataclasses

import numpy as np

from pipelines.audio.arrays.mel import log_mel_to_magnitude, with_dc
from pipelines.audio.arrays.stereo import energy, panning
from pipelines.audio.arrays.stft import istft, stft
from pipelines.audio.spec import AudioSpec

MIN_MAGNITUDE = 1e-5
"""Magnitude, -154 dB below a full-scale sine at the default spec, that replaces zeros before a logarithm."""

MIN_ENERGY = 1e-20
"""Energy that replaces zero where a phase is computed."""

MOMENTUM = 0.99
"""Alpha of fast Griffin-Lim."""


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
        energies = energy(spectra)
        mono = np.sqrt(energies.mean(axis=0))
        magnitude = with_dc(log_mel_to_magnitude(self.spec, log_mel[0, ..., 0], mono), mono)
        image = blend_magnitudes(np.sqrt(energies), magnitude * panning(energies), strength)
        return from_spectra(self.spec, with_magnitude(spectra, image), image, length)


def from_spectra(
    spec: AudioSpec, spectra: np.ndarray, magnitude: np.ndarray, length: int, iterations: int = 0
) -> np.ndarray:
    """Waveforms [channels, length] by fast Griffin-Lim, see `pipelines.audio.inversion.GriffinLim`.

    Args:
        spec: of the spectra.
        spectra: first estimate, complex64 [channels, frames, bins].
        magnitude: of the spectra, which the iterations keep.
        length: number of samples.
        iterations: number of projections after the first inverse STFT.
    """
    previous, lag = np.zeros((1, 1, 1), np.complex64), np.float32(MOMENTUM / (1 + MOMENTUM))
    for _ in range(iterations):
        rebuilt = stft(spec, _padded(spec, istft(spec, spectra, length), spectra.shape[1]))
        spectra, previous = with_magnitude(rebuilt - lag * previous, magnitude), rebuilt
    return istft(spec, spectra, length)


def _padded(spec: AudioSpec, waveform: np.ndarray, frames: int) -> np.ndarray:
    """Waveform with zeros around it, as the uncentred STFT with this number of frames takes it."""
    padded = np.zeros((len(waveform), spec.span(frames)), np.float32)
    inside = padded[:, spec.n_fft // 2 :][:, : waveform.shape[1]]
    inside[:] = waveform[:, : inside.shape[1]]
    return padded


def blend_magnitudes(source: np.ndarray, translated: np.ndarray, strength: float) -> np.ndarray:
    """Interpolated magnitudes, linear in decibels, between a source (strength 0) and a translation (1)."""
    source, translated = np.maximum(source, MIN_MAGNITUDE), np.maximum(translated, MIN_MAGNITUDE)
    if strength in (0, 1):
        return translated if strength else source
    return np.exp((1 - strength) * np.log(source) + strength * np.log(translated))


def with_magnitude(spectra: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """Spectra with other magnitudes and the same phases (0 stays 0), complex64."""
    return spectra * (magnitude / np.sqrt(energy(spectra) + np.float32(MIN_ENERGY)))
