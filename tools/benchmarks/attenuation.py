"""Log-mels of quieter recordings."""

from __future__ import annotations

import numpy as np

from pipelines.audio.spec import AudioSpec


def attenuated(spec: AudioSpec, log_mel: np.ndarray, decibels: float) -> np.ndarray:
    """Log-mel of the same recording at another level; exact for a lower one.

    Args:
        spec: of the log-mel.
        log_mel: float [frames, n_mels].
        decibels: gain, at most 0.
    """
    return np.maximum(np.asarray(log_mel, np.float32) + 2 * decibels / spec.range_db, -1.0)
