"""Short-time Fourier transform and its inverse on arrays, see `pipelines.audio.stft`."""

from __future__ import annotations

import os

import numpy as np
from scipy import fft

from pipelines.audio.hann import MIN_ENERGY, window
from pipelines.audio.spec import AudioSpec

_WORKERS = os.cpu_count()


def stft(spec: AudioSpec, waveform: np.ndarray) -> np.ndarray:
    """STFT with a Hann window of frames that are not centred: frame t starts at sample t * hop.

    Args:
        spec: hop and FFT length.
        waveform: float32 [channels, samples], at least n_fft samples.

    Returns:
        complex64 [channels, frames, bins].
    """
    frames = np.lib.stride_tricks.sliding_window_view(waveform, spec.n_fft, axis=-1)
    return fft.rfft(frames[:, :: spec.hop_length] * window(spec), workers=_WORKERS)


def istft(spec: AudioSpec, spectra: np.ndarray, length: int) -> np.ndarray:
    """Least-squares inverse of the centred STFT.

    Args:
        spec: hop and FFT length.
        spectra: complex64 [channels, frames, bins], of centred frames.
        length: number of samples.

    Returns:
        float32 [channels, length].
    """
    frames = fft.irfft(spectra, spec.n_fft, workers=_WORKERS) * window(spec)
    squares = np.broadcast_to(window(spec) ** 2, (1, *frames.shape[1:]))
    total = _overlap_add(frames, spec.hop_length)
    total /= np.maximum(_overlap_add(squares, spec.hop_length), MIN_ENERGY)
    found = total[:, spec.n_fft // 2 :][:, :length]
    return np.pad(found, ((0, 0), (0, length - found.shape[1])))


def _overlap_add(frames: np.ndarray, hop: int) -> np.ndarray:
    """Sum of overlapping frames, float32 [channels, frames, size] -> [channels, span].

    Frames are cut into pieces of one hop; the pieces of one number are added in one step.
    """
    channels, count, size = frames.shape
    pieces = -(-size // hop)
    total = np.zeros((channels, count + pieces - 1, hop), np.float32)
    for number in range(pieces):
        piece = frames[:, :, number * hop : (number + 1) * hop]
        total[:, number : number + count, : piece.shape[2]] += piece
    return total.reshape(channels, -1)[:, : (count - 1) * hop + size]
