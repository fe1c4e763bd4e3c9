"""Transcription network on NumPy arrays: the layers of `transcriber.networks` with the same weights.

TensorFlow takes five seconds to import and a gigabyte; the network is small enough to be computed without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

from pipelines.audio.spec import AudioSpec
from pipelines.nn.pitches import BINS, PITCHES, interpolation
from transcriber.network_config import CONTRAST_GAIN, NetworkConfig
from transcriber.piano_roll import DRUM_CLASSES

_EPSILON = np.float32(1e-3)
"""Added to variances by Keras."""


class ArrayNetwork:
    """Network from log-mels to probabilities."""

    def __init__(self, weights: Sequence[np.ndarray], config: NetworkConfig, spec: AudioSpec) -> None:
        """Takes the weights of a network.

        Args:
            weights: in the order of `keras.Model.get_weights`.
            config: of the network.
            spec: of the log-mels.

        Raises:
            ValueError: if they are not this network's.
        """
        self._config, self._spec = config, spec
        self._weights = [np.asarray(weight, np.float32) for weight in weights]
        axis = [interpolation(spec, harmonic) for harmonic in config.harmonics]
        # A position is between two mel bands: a hundredth of the products of a dense matrix.
        self._axis = sparse.csr_matrix(np.stack(axis, axis=-1).reshape(spec.n_mels, -1).T)
        silence = self(np.full((config.time_stride, spec.n_mels), -1, np.float32))
        if silence.shape != (config.time_stride, 2 * PITCHES + len(DRUM_CLASSES)):
            raise ValueError("weights of another network")

    def __call__(self, log_mel: np.ndarray) -> np.ndarray:
        """Probabilities of sounding, onset and drums, concatenated.

        Args:
            log_mel: float32 [frames, n_mels], frames a multiple of the time stride.

        Returns:
            float32 [frames, 2 * PITCHES + len(DRUM_CLASSES)].
        """
        weights = iter(self._weights)
        pitches = self._pitches(log_mel, weights)
        trunk = _dense(pitches.reshape(len(pitches), -1), weights)
        for dilation in self._config.dilations:
            y = _dilated(_normalised(trunk, weights), dilation, weights)
            trunk = trunk + _dense(_rectified(y), weights)
        trunk = _normalised(trunk, weights)
        spread = _dense(trunk, weights).reshape(len(trunk), PITCHES, -1)
        both = _rectified(_convolved(np.concatenate([pitches, spread], axis=-1), weights))
        onset, sounding = (self._frames(_convolved(both, weights)) for _ in range(2))
        drums = _dense(trunk, weights).reshape(-1, len(DRUM_CLASSES))
        if next(weights, None) is not None:
            raise ValueError("weights of a larger network")
        return 1 / (1 + np.exp(-np.concatenate([sounding, onset, drums], axis=1)))

    def _pitches(self, log_mel: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
        """2-D part, [positions, PITCHES, channels]."""
        standard = (log_mel - next(weights)[:, 0]) / next(weights)[:, 0]
        average = _moving_average(log_mel, self._config.contrast_width)
        contrast = np.float32(CONTRAST_GAIN) * (log_mel - average)
        x = self._on_pitch_axis(np.stack([standard, contrast], axis=1))
        x = _rectified(_convolved(x, weights, has_bias=False) + next(weights))
        # From half semitones to semitones.
        return _normalised(_rectified(_convolved(_normalised(x, weights), weights, BINS)), weights)

    def _on_pitch_axis(self, x: np.ndarray) -> np.ndarray:
        """Maps [frames, channels, n_mels] on the pitch axis, [positions, PITCHES * BINS, all channels]."""
        frames, channels, mels = x.shape
        stride = self._config.time_stride
        read = self._axis @ np.ascontiguousarray(x.reshape(-1, mels).T)
        read = read.reshape(PITCHES * BINS, -1, frames // stride, stride * channels)
        return read.transpose(2, 0, 1, 3).reshape(frames // stride, PITCHES * BINS, -1)

    def _frames(self, x: np.ndarray) -> np.ndarray:
        """Frames of [positions, PITCHES, time_stride] maps, [frames, PITCHES]."""
        return x.transpose(0, 2, 1).reshape(-1, PITCHES)


def _moving_average(x: np.ndarray, width: int) -> np.ndarray:
    """Mean of the `width` bands around each that exist, of [frames, bands]."""
    bands = np.arange(x.shape[1])
    first = np.maximum(bands - (width - 1) // 2, 0)
    last = np.minimum(bands + width // 2 + 1, len(bands))
    sums = np.cumsum(np.pad(x, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    return ((sums[:, last] - sums[:, first]) / (last - first)).astype(np.float32)


def _normalised(x: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
    """Layer normalisation over the channels, with scale and offset."""
    size = x.shape[-1]
    mean = np.full((size, 1), 1 / size, np.float32)
    x = x - _product(x, mean)  # a matrix product is several times faster than a mean over a short axis
    x /= np.sqrt(_product(np.square(x), mean) + _EPSILON)
    x *= next(weights)
    x += next(weights)
    return x


def _dense(x: np.ndarray, weights: Iterator[np.ndarray]) -> np.ndarray:
    product = _product(x, next(weights))
    product += next(weights)
    return product


def _product(x: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Product over the last axis, as one of matrices: NumPy computes those of higher rank one by one."""
    return (x.reshape(-1, x.shape[-1]) @ matrix).reshape(*x.shape[:-1], -1)


def _rectified(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0, out=x)


def _dilated(x: np.ndarray, dilation: int, weights: Iterator[np.ndarray]) -> np.ndarray:
    """Convolution along time of [positions, channels], with zeros at both ends."""
    kernel, total = next(weights), next(weights)
    padded = np.pad(x, ((dilation * (len(kernel) // 2),) * 2, (0, 0)))
    for i, part in enumerate(kernel):
        total = total + padded[i * dilation :][: len(x)] @ part
    return total


def _convolved(
    x: np.ndarray, weights: Iterator[np.ndarray], stride: int = 1, *, has_bias: bool = True
) -> np.ndarray:
    """Convolution of [positions, bands, channels], with zeros around it, and a stride over the bands."""
    kernel = next(weights)
    positions, bands = x.shape[:2]
    count = -(-bands // stride)
    missing = (count - 1) * stride + kernel.shape[1] - bands
    padded = np.pad(x, ((len(kernel) // 2,) * 2, (missing // 2, missing - missing // 2), (0, 0)))
    # The bands of a kernel side by side, so that a matrix product sums over bands and channels.
    beside = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[1], axis=1)[:, ::stride]
    rows = beside.swapaxes(2, 3).reshape(len(padded), count, -1)
    first, *others = kernel.reshape(len(kernel), rows.shape[-1], -1)
    total = _product(rows[:positions], first)
    for i, part in enumerate(others, start=1):
        total += _product(rows[i : i + positions], part)
    if has_bias:
        total += next(weights)
    return total
