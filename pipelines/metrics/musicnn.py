"""Features of a network for tagging music that no model trains on.

The network is musicnn (Pons & Serra 2019, "musicnn: Pre-trained convolutional neural networks for music audio
tagging"), trained on MagnaTagATune, in NumPy. Its weights are those of the package musicnn, whose TensorFlow
checkpoint `prepare` converts once; workers load the result without TensorFlow.

On 28 windows of 14 real recordings the penultimate layer equals that of the package's own graph to 2e-6. A
window takes 0.11 s of processor time; at the default hop that is 13 times as fast as real time.
"""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Mapping
from pathlib import Path

import librosa
import numpy as np

from pipelines import outputs
from pipelines.errors import UserError
from pipelines.metrics import published_weights
from pipelines.metrics.waveforms import repeated, resampled, unit_rms

SAMPLE_RATE, N_FFT, HOP_LENGTH, N_MELS = 16000, 512, 256, 96
WINDOW_FRAMES = 187
"""Length of a window, 3 s, on which the network was trained."""
HOP_SECONDS = 1.5
"""Default hop between windows."""
DIMENSIONS = 200

TAGS = (
    *("guitar", "classical", "slow", "techno", "strings", "drums", "electronic", "rock", "fast", "piano"),
    *("ambient", "beat", "violin", "vocal", "synth", "female", "indian", "opera", "male", "singing"),
    *(
        "vocals",
        "no vocals",
        "harpsichord",
        "loud",
        "quiet",
        "flute",
        "woman",
        "male vocal",
        "no vocal",
        "pop",
    ),
    *("soft", "sitar", "solo", "man", "classic", "choir", "voice", "new age", "dance", "male voice"),
    *("female vocal", "beats", "harp", "cello", "no voice", "weird", "country", "metal", "female voice"),
    "choral",
)
"""MagnaTagATune's fifty commonest tags, in the order of the network's outputs."""

_LEVEL = 0.1
"""Root mean square of recordings before their log-mels, which depend on the level."""
_QUIET_DB = 60
"""Level below the recording's loudest frame at which a window counts as silence and is left out."""
_EPSILON = 1e-3
"""Of batch normalisation."""
_TIMBRAL, _TEMPORAL, _MIDDLE = ("conv2d", "conv2d_1"), ("conv2d_2", "conv2d_3", "conv2d_4"), range(5, 8)


@dataclasses.dataclass(frozen=True)
class MusiCNN:
    """Network with its trained weights.

    Attributes:
        weights: float32 arrays by their names in the checkpoint.
    """

    weights: Mapping[str, np.ndarray]

    @classmethod
    def load(cls) -> MusiCNN:
        """Loads the weights that `prepare` has written.

        Raises:
            UserError: if there are none, or they are damaged.
        """
        path = _converted()
        try:
            with np.load(path) as file:
                return cls(dict(file))
        except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
            raise UserError(
                f"{path} holds no weights of musicnn: remove it, and run the command again"
            ) from error

    def embed(self, waveform: np.ndarray, sample_rate: int, hop_seconds: float = HOP_SECONDS) -> np.ndarray:
        """Penultimate layer for every window of 3 s that is not silent.

        Args:
            waveform: float [samples], mono, at any level.
            sample_rate: Hz.
            hop_seconds: distance of the windows, seconds.

        Returns:
            float32 [windows, DIMENSIONS]; no rows for silence.
        """
        windows = log_mel_windows(waveform, sample_rate, hop_seconds)
        return np.array([self.penultimate(window) for window in windows]).reshape(-1, DIMENSIONS)

    def tags(self, embedding: np.ndarray) -> np.ndarray:
        """Probabilities of TAGS, [windows, 50], for the result of `embed`."""
        logits = embedding @ self.weights["dense_1/kernel"] + self.weights["dense_1/bias"]
        return 1 / (1 + np.exp(-logits))

    def penultimate(self, window: np.ndarray) -> np.ndarray:
        """Penultimate layer for one window, float32 [DIMENSIONS].

        Args:
            window: float32 [frames, N_MELS], see `log_mel_windows`.
        """
        scale, shift = self._normalisation(0)
        cells = window * scale + shift
        frames = [self._timbral(name, cells, index) for index, name in enumerate(_TIMBRAL, 1)]
        frames += [self._temporal(name, cells, index) for index, name in enumerate(_TEMPORAL, 3)]
        layers = [np.concatenate(frames, axis=1)]
        for index in _MIDDLE:
            hidden = self._middle(index, layers[-1])
            layers.append(hidden + layers[-1] if len(layers) > 1 else hidden)
        features = np.concatenate(layers, axis=1)
        pooled = np.stack([features.max(axis=0), features.mean(axis=0)], axis=1).ravel()
        scale, shift = self._normalisation(9)
        dense = (pooled * scale + shift) @ self.weights["dense/kernel"] + self.weights["dense/bias"]
        scale, shift = self._normalisation(10)
        return np.maximum(dense, 0) * scale + shift

    def _timbral(self, name: str, cells: np.ndarray, index: int) -> np.ndarray:
        """Filters over time and bands, their maximum over the positions in frequency: [frames, filters]."""
        kernel = self.weights[f"{name}/kernel"][:, :, 0]
        time, bands, filters = kernel.shape
        patches = np.lib.stride_tricks.sliding_window_view(_padded(cells, time), (time, bands))
        rows = patches.reshape(-1, time * bands)
        return self._pooled(name, rows, kernel.reshape(-1, filters), len(cells), index)

    def _temporal(self, name: str, cells: np.ndarray, index: int) -> np.ndarray:
        """Filters over time in every band, their maximum over the bands: [frames, filters]."""
        kernel = self.weights[f"{name}/kernel"][:, 0, 0]
        patches = np.lib.stride_tricks.sliding_window_view(_padded(cells, len(kernel)), len(kernel), axis=0)
        return self._pooled(name, patches.reshape(-1, len(kernel)), kernel, len(cells), index)

    def _pooled(self, name: str, rows: np.ndarray, kernel: np.ndarray, frames: int, index: int) -> np.ndarray:
        """Convolution, ReLU, normalisation and maximum over all positions of a frame.

        The last three are monotonic in a filter's output, falling where the normalisation's scale is below 0.
        There the kernel is negated, so that one maximum of the convolution is enough.
        """
        scale, shift = self._normalisation(index)
        sign = np.where(scale < 0, np.float32(-1), np.float32(1))
        largest = (rows @ (kernel * sign)).reshape(frames, -1, len(sign)).max(axis=1)
        return np.maximum(largest * sign + self.weights[f"{name}/bias"], 0) * scale + shift

    def _middle(self, index: int, frames: np.ndarray) -> np.ndarray:
        """Convolution over seven frames, ReLU and normalisation: [frames, 64]."""
        kernel = self.weights[f"conv2d_{index}/kernel"][:, :, 0]
        patches = np.lib.stride_tricks.sliding_window_view(_padded(frames, len(kernel)), len(kernel), axis=0)
        hidden = np.tensordot(patches, kernel, axes=([2, 1], [0, 1])) + self.weights[f"conv2d_{index}/bias"]
        scale, shift = self._normalisation(index + 1)
        return np.maximum(hidden, 0) * scale + shift

    def _normalisation(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Scale and shift of a batch normalisation at inference."""
        name = f"batch_normalization_{index}" if index else "batch_normalization"
        gamma, beta, mean, variance = (
            self.weights[f"{name}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        scale = gamma / np.sqrt(variance + np.float32(_EPSILON))
        return scale, beta - mean * scale


def prepare() -> Path:
    """Converts the package's checkpoint to the file that `MusiCNN.load` reads, unless there is one.

    It loads TensorFlow: call it in the command's process, before its workers need the weights.

    Returns:
        Path of the file.

    Raises:
        UserError: if the weights cannot be had, see `fetch`.
    """
    path = _converted()
    if path.is_file():
        return path
    import tensorflow as tf  # Takes seconds, and only this function needs it.

    reader = tf.train.load_checkpoint(str(published_weights.fetch(published_weights.MUSICNN) / "MTT_musicnn"))
    names = [name for name in reader.get_variable_to_shape_map() if "Adam" not in name and "/" in name]
    with outputs.whole(path) as unfinished, unfinished.open("wb") as file:
        np.savez(file, **{name: reader.get_tensor(name) for name in names})
    return path


def log_mel_windows(waveform: np.ndarray, sample_rate: int, hop_seconds: float = HOP_SECONDS) -> np.ndarray:
    """Input of the network: log10(10000 p + 1) of mel power spectra p.

    Args:
        waveform: float [samples], mono, at any level.
        sample_rate: Hz.
        hop_seconds: distance of the windows, seconds.

    Returns:
        float32 [windows, WINDOW_FRAMES, N_MELS]; silent windows are left out; a recording that is shorter
        than a window is repeated.
    """
    samples = _LEVEL * unit_rms(resampled(waveform, sample_rate, SAMPLE_RATE))
    if not np.any(samples):
        return np.zeros((0, WINDOW_FRAMES, N_MELS), np.float32)
    samples = repeated(samples, min_samples=WINDOW_FRAMES * HOP_LENGTH)
    power = librosa.feature.melspectrogram(
        y=samples, sr=SAMPLE_RATE, n_fft=N_FFT, hop_length=HOP_LENGTH, n_mels=N_MELS
    ).T
    level = 10 * np.log10(power.sum(axis=1) + 1e-10)
    step = max(1, round(hop_seconds * SAMPLE_RATE / HOP_LENGTH))
    starts = range(0, len(power) - WINDOW_FRAMES + 1, step)
    windows = [slice(start, start + WINDOW_FRAMES) for start in starts]
    audible = [frames for frames in windows if level[frames].max() > level.max() - _QUIET_DB]
    cells = np.log10(10000 * power + 1).astype(np.float32)
    return np.stack([cells[frames] for frames in audible])


def _padded(frames: np.ndarray, taps: int) -> np.ndarray:
    """Frames with zeros at both ends, so that a filter of `taps` frames gives as many outputs (SAME)."""
    return np.pad(frames, (((taps - 1) // 2, taps // 2), (0, 0)))


def _converted() -> Path:
    return published_weights.folder(published_weights.MUSICNN) / "MTT_musicnn.npz"
