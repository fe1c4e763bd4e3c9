"""Short-time spectra of a stream of samples, shared by several meters."""

from __future__ import annotations

import numpy as np

SAMPLE_RATE = 22050
N_FFT, HOP_LENGTH = 2048, 512
FRAME_RATE = SAMPLE_RATE / HOP_LENGTH


class Frames:
    """Magnitude spectra of a mono stream at SAMPLE_RATE; the same for any division into blocks."""

    def __init__(self) -> None:
        """Starts a stream."""
        self._window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
        self._rest = np.zeros(0, np.float32)

    def magnitudes(self, block: np.ndarray) -> np.ndarray:
        """Magnitudes of the frames that a further block completes.

        Args:
            block: float32 [samples].

        Returns:
            float32 [1025, frames].
        """
        samples = np.concatenate([self._rest, block])
        count = max(0, (len(samples) - N_FFT) // HOP_LENGTH + 1)
        self._rest = samples[count * HOP_LENGTH :]
        if not count:
            return np.zeros((N_FFT // 2 + 1, 0), np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(samples, N_FFT)[::HOP_LENGTH][:count]
        return np.abs(np.fft.rfft(frames * self._window)).astype(np.float32).T
