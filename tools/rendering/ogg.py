"""Reproducible Ogg files: their bytes depend on the audio only."""

from __future__ import annotations

import struct
from pathlib import Path

_POLYNOMIAL = 0x04C11DB7
_SERIAL, _CHECKSUM, _COUNT = 14, 22, 26


def set_serial(path: Path, serial: int = 1) -> None:
    """Replaces the random serial number of a stream (RFC 3533, section 6), and updates the checksums.

    Args:
        path: Ogg file with one stream, modified in place.
        serial: 0 to 2^32 - 1.
    """
    data = bytearray(path.read_bytes())
    start = 0
    while start < len(data):
        segments = data[start + _COUNT]
        body = start + _COUNT + 1 + segments
        end = body + sum(data[start + _COUNT + 1 : body])
        struct.pack_into("<I", data, start + _SERIAL, serial)
        struct.pack_into("<I", data, start + _CHECKSUM, 0)
        struct.pack_into("<I", data, start + _CHECKSUM, _crc(data[start:end]))
        start = end
    path.write_bytes(data)


def _remainder(byte: int) -> int:
    value = byte << 24
    for _ in range(8):
        value = (value << 1) ^ (_POLYNOMIAL if value & 0x80000000 else 0)
    return value & 0xFFFFFFFF


_TABLE = [_remainder(byte) for byte in range(256)]


def _crc(data: bytearray) -> int:
    value = 0
    for byte in data:
        value = ((value << 8) & 0xFFFFFFFF) ^ _TABLE[(value >> 24) ^ byte]
    return value
