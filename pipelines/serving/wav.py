"""WAV of 16 bits whose length is known before its samples are."""

from __future__ import annotations

import struct

import numpy as np

HEADER_BYTES = 44
_PCM, _BITS = 1, 16


def header(sample_rate: int, channels: int, samples: int) -> bytes:
    """The first bytes of a file of so many samples."""
    frame = channels * _BITS // 8
    size = samples * frame
    form = struct.pack("<4sI4s", b"RIFF", size + HEADER_BYTES - 8, b"WAVE")
    kind = struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, _PCM, channels, sample_rate, sample_rate * frame, frame, _BITS
    )
    return form + kind + struct.pack("<4sI", b"data", size)


def content(samples: np.ndarray) -> bytes:
    """Samples, float in [-1, 1] and [samples, channels], as they stand in the file."""
    return np.round(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
