"""Short-time Fourier transform and its inverse on arrays, see `pipelines.audio.stft`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import fft

from pipelines.audio.hann import MIN_ENERGY, window
from pipelines.audio.spec import AudioSpec

_BLOCK_FRAMES = 128
"""Frames that are transformed at a time: they stay in a processor's cache."""


def stft(spec: AudioSpec, waveform: np.ndarray) -> np.ndarray:
    """STFT with a Hann window of frames that are not centred: frame t starts at sample t * hop.

    Args:
        spec: hop and FFT length.
        waveform: float32 [channels, samples], at least n_fft samples.

    Returns:
        complex64 [channels, frames, bins].
    """
    samples = np.ascontiguousarray(waveform)  # interleaved channels take four times as long
    frames = np.lib.stride_tricks.sliding_window_view(samples, spec.n_fft, axis=-1)
    frames = frames[:, :: spec.hop_length]
    spectra = np.empty((*frames.shape[:2], spec.n_fft // 2 + 1), np.complex64)
    for block in _blocks(frames.shape[1]):
        spectra[:, block] = fft.rfft(frames[:, block] * window(spec))
    return spectra


def istft(spec: AudioSpec, spectra: np.ndarray, length: int) -> np.ndarray:
    """Least-squares inverse of the centred STFT.

    Args:
        spec: hop and FFT length.
        spectra: complex64 [channels, frames, bins], of centred frames.
        length: number of samples.

    Returns:
        float32 [channels, length].
    """
    channels, frames, _ = spectra.shape
    total, weights = (np.zeros((count, spec.span(frames)), np.float32) for count in (channels, 1))
    for block in _blocks(frames):
        waveforms = fft.irfft(spectra[:, block], spec.n_fft)
        _overlap_add(total, waveforms * window(spec), block.start, spec.hop_length)
        squares = np.broadcast_to(window(spec) ** 2, (1, *waveforms.shape[1:]))
        _overlap_add(weights, squares, block.start, spec.hop_length)
    total /= np.maximum(weights, MIN_ENERGY)
    found = total[:, spec.n_fft // 2 :][:, :length]
    return np.pad(found, ((0, 0), (0, length - found.shape[1])))


def _blocks(frames: int) -> Iterator[slice]:
    return (slice(first, min(first + _BLOCK_FRAMES, frames)) for first in range(0, frames, _BLOCK_FRAMES))


def _overlap_add(total: np.ndarray, frames: np.ndarray, first: int, hop: int) -> None:
    """Adds overlapping frames [channels, frames, size] to the span of which they are, from frame `first` on.

    Frames that do not overlap are added in one step.
    """
    _, count, size = frames.shape
    apart = -(-size // hop)
    for number in range(min(apart, count)):
        some = frames[:, number::apart]
        start = (first + number) * hop
        places = np.lib.stride_tricks.sliding_window_view(total[:, start:], size, axis=1, writeable=True)
        places[:, : some.shape[1] * apart * hop : apart * hop] += some
