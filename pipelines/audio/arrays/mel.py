"""Log-mels of magnitudes and their inversion on arrays, see `pipelines.audio.mel`.

A bin belongs to two mel bands at most, so the filter bank is a sparse matrix: a hundredth of the products of
a dense one. Its rows are multiplied by arrays of [bands or bins, frames], a column for each frame.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from scipy import sparse

from pipelines.audio.mel_filters import CLIP, ITERATIONS, TINY, mel_inverse, mel_matrix
from pipelines.audio.scaling import scale, unscale
from pipelines.audio.spec import AudioSpec

_BLOCK_FRAMES = 128
"""Frames that are inverted at a time: their magnitudes stay in a processor's cache."""


class _Filters(NamedTuple):
    """Sparse filter bank: from bins to bands, and from bands to means over a bin's bands."""

    bands: sparse.csr_matrix
    means: sparse.csr_matrix


def magnitude_to_log_mel(spec: AudioSpec, magnitude: np.ndarray) -> np.ndarray:
    """Log-mel spectrograms [batch, frames, n_mels, 1] of magnitudes [batch, frames, bins]."""
    bands = _filters(spec).bands
    mels = np.stack([(bands @ np.ascontiguousarray(each.T)).T for each in magnitude])
    return scale(np, spec, mels)[..., None]


def log_mel_to_magnitude(
    spec: AudioSpec, log_mel: np.ndarray, start: np.ndarray, iterations: int = ITERATIONS
) -> np.ndarray:
    """Linear magnitudes with approximately the given log-mel, see `pipelines.audio.mel.mel_to_magnitude`.

    Args:
        spec: parameters of the filter bank.
        log_mel: float32 [frames, n_mels].
        start: float32 [frames, bins] magnitudes of a source, whose fine structure is used.
        iterations: number of updates.

    Returns:
        float32 [frames, bins].
    """
    mel, found = unscale(np, spec, log_mel), np.empty_like(start)
    for first in range(0, len(mel), _BLOCK_FRAMES):
        block = slice(first, first + _BLOCK_FRAMES)
        columns, source = (np.ascontiguousarray(rows[block].T) for rows in (mel, start))
        found[block] = _inverted(spec, columns, source, iterations).T
    return found


def with_dc(magnitude: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Magnitudes with the DC bin, see `pipelines.audio.mel.with_dc`."""
    share = np.minimum(source[..., :1] / np.maximum(source[..., 1:2], CLIP), 1.0)
    return np.concatenate([magnitude[..., 1:2] * share, magnitude[..., 1:]], axis=-1, dtype=np.float32)


def _inverted(spec: AudioSpec, mel: np.ndarray, start: np.ndarray, iterations: int) -> np.ndarray:
    """Magnitudes [bins, frames] of mel magnitudes [n_mels, frames]."""
    filters, source = _filters(spec), np.maximum(start, CLIP)
    gain = _correction(filters, mel, source)
    trust = np.sqrt(np.minimum(gain, 1 / np.maximum(gain, TINY)))
    blind = np.maximum(mel_inverse(spec).T @ mel, CLIP)
    magnitude = trust * gain * source + (1 - trust) * blind
    for _ in range(iterations):
        magnitude *= _correction(filters, mel, magnitude)
    return magnitude


def _correction(filters: _Filters, mel: np.ndarray, magnitude: np.ndarray) -> np.ndarray:
    """Update factor of each bin: weighted mean, over its filters, of target mel over current mel."""
    return filters.means @ (mel / np.maximum(filters.bands @ magnitude, TINY))


@functools.lru_cache
def _filters(spec: AudioSpec) -> _Filters:
    matrix = mel_matrix(spec)
    sums = np.maximum(matrix.sum(axis=1, keepdims=True), TINY)
    return _Filters(sparse.csr_matrix(matrix.T), sparse.csr_matrix(matrix / sums))
