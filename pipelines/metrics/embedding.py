"""Timbre embedding: a metric that is trained to depend on the instruments and not on the notes.

A small network maps MFCCs to the unit sphere; windows of the same instruments with different notes are close,
windows of different instruments with the same notes are far apart (Lee et al. 2020, "Disentangled
multidimensional metric learning for music similarity"; the size is that of Cifka, Ozerov, Simsekli & Richard
2021, "Self-supervised VQ-VAE for one-shot music style transfer"). The weights are trained by
`python -m tools benchmark embedding`.
"""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

import librosa
import numpy as np

from pipelines import weights
from pipelines.errors import UserError
from pipelines.metrics.waveforms import repeated, resampled, unit_rms

SAMPLE_RATE = 16000
"""Sample rate of the network's input."""
HOP_LENGTH = 512
COEFFICIENTS = 12
"""Number of MFCCs, 2 to 13; the first one, the level, is left out."""
WINDOW_FRAMES = 2 * SAMPLE_RATE // HOP_LENGTH
"""Length of a window: two seconds."""
STEP_FRAMES = SAMPLE_RATE // HOP_LENGTH
"""Hop between windows: one second."""
DIMENSIONS = 64
LAYERS = 4
WEIGHTS = weights.TIMBRE

_QUIET_DB = 60
"""Level below the recording's loudest frame at which a window counts as silence and is left out."""


@dataclasses.dataclass(frozen=True)
class TimbreEmbedding:
    """Trained network in NumPy: convolutions over time, mean over time, a linear layer, L2 normalisation.

    Attributes:
        mean: of the training data's MFCCs, float32 [12].
        deviation: standard deviation, likewise.
        kernels: of the convolutions, float32 [time, inputs, outputs] each.
        biases: of the convolutions, float32 [outputs] each.
        projection: float32 [outputs of the last convolution, 64].
    """

    mean: np.ndarray
    deviation: np.ndarray
    kernels: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    projection: np.ndarray

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> TimbreEmbedding:
        """Loads weights.

        Args:
            path: a file written by `save`; by default the shipped weights.

        Raises:
            UserError: if the file is missing, or has no such weights.
        """
        try:
            with np.load(path) as file:
                kernels = tuple(file[f"kernel_{layer}"] for layer in range(LAYERS))
                biases = tuple(file[f"bias_{layer}"] for layer in range(LAYERS))
                return cls(file["mean"], file["deviation"], kernels, biases, file["projection"])
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise UserError(
                f"{path} holds no timbre embedding: train one with `python -m tools benchmark embedding`"
            ) from error

    def save(self, path: Path) -> None:
        """Writes the weights into one compressed file (.npz)."""
        layers = {f"kernel_{layer}": kernel for layer, kernel in enumerate(self.kernels)}
        layers |= {f"bias_{layer}": bias for layer, bias in enumerate(self.biases)}
        np.savez_compressed(
            path, mean=self.mean, deviation=self.deviation, projection=self.projection, **layers
        )

    def embed(self, waveform: np.ndarray, sample_rate: int) -> np.ndarray:
        """Embeddings of all windows that are not silent.

        Args:
            waveform: float [samples], mono.
            sample_rate: Hz.

        Returns:
            float32 [windows, 64], unit vectors; no rows for silence.
        """
        return self.forward(mfcc_windows(waveform, sample_rate))

    def forward(self, windows: np.ndarray) -> np.ndarray:
        """Applies the network to windows of MFCCs.

        Args:
            windows: float32 [windows, frames, 12], see `mfcc_windows`.

        Returns:
            float32 [windows, 64], unit vectors.
        """
        hidden = (windows - self.mean) / self.deviation
        for kernel, bias in zip(self.kernels, self.biases, strict=True):
            # [windows, frames, inputs, time] times [time, inputs, outputs]; no padding.
            taps = np.lib.stride_tricks.sliding_window_view(hidden, len(kernel), axis=1)
            hidden = np.maximum(np.tensordot(taps, kernel, axes=([3, 2], [0, 1])) + bias, 0)
        projected = hidden.mean(axis=1) @ self.projection
        return projected / np.maximum(np.linalg.norm(projected, axis=1, keepdims=True), 1e-9)


def mfcc_windows(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """Input of the network: MFCC 2-13 of windows of two seconds, one starting every second.

    Args:
        waveform: float [samples], mono, at any level.
        sample_rate: Hz.

    Returns:
        float32 [windows, frames, 12]; silent windows are left out; a recording that is shorter than a window
        is repeated.
    """
    waveform = unit_rms(resampled(waveform, sample_rate, SAMPLE_RATE))
    waveform = repeated(waveform, min_samples=WINDOW_FRAMES * HOP_LENGTH)
    if not np.any(waveform):
        return np.zeros((0, WINDOW_FRAMES, COEFFICIENTS), np.float32)
    mel = librosa.feature.melspectrogram(y=waveform, sr=SAMPLE_RATE, n_fft=2048, hop_length=HOP_LENGTH)
    level = 10 * np.log10(mel.sum(axis=0) + 1e-10)
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=COEFFICIENTS + 1)[1:]
    starts = range(0, mfcc.shape[1] - WINDOW_FRAMES + 1, STEP_FRAMES)
    windows = [slice(start, start + WINDOW_FRAMES) for start in starts]
    audible = [frames for frames in windows if level[frames].max() > level.max() - _QUIET_DB]
    return np.array([mfcc[:, frames].T for frames in audible], np.float32)


def timbre_distance(one: np.ndarray, other: np.ndarray) -> float:
    """1 - cosine of the mean embeddings of two recordings.

    Args:
        one: [windows, 64], see `TimbreEmbedding.embed`.
        other: likewise; the number of windows may differ.

    Returns:
        0 for equal timbre, 2 at most; NaN if either is silent.
    """
    if not (len(one) and len(other)):
        return float("nan")
    first, second = one.mean(axis=0, dtype=np.float64), other.mean(axis=0, dtype=np.float64)
    return float(1 - first @ second / max(np.linalg.norm(first) * np.linalg.norm(second), 1e-12))
