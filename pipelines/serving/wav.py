"""WAV encoding, 16 bits, with the header before the samples are known."""

from __future__ import annotations

import struct

import numpy as np

HEADER_BYTES = 44
_PCM, _BITS = 1, 16


def header(sample_rate: int, channels: int, samples: int) -> bytes:
    """Header of a file with this number of samples per channel."""
    frame_bytes = channels * _BITS // 8
    size = samples * frame_bytes
    riff = struct.pack("<4sI4s", b"RIFF", size + HEADER_BYTES - 8, b"WAVE")
    format_chunk = struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, _PCM, channels, sample_rate, sample_rate * frame_bytes, frame_bytes, _BITS
    )
    return riff + format_chunk + struct.pack("<4sI", b"data", size)


def encode_samples(samples: np.ndarray) -> bytes:
    """Bytes of samples, float [samples, channels], clipped to [-1, 1]."""
    return np.round(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
