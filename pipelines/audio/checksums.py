"""CRC-16 checksums of audio files, computed by NumPy on many parts at once."""

from __future__ import annotations

import functools
from typing import IO

import numpy as np

_POLYNOMIAL = 0xA001
_PART_BYTES, _PARTS = 256, 4096
_BLOCK_BYTES = _PART_BYTES * _PARTS


def crc16(file: IO[bytes], size: int) -> int:
    """CRC-16/ARC of the next bytes of a file: polynomial x^16 + x^15 + x^2 + 1, reflected, first value 0.

    A checksum is linear in the bits. Leading zeros do not change it, and that of two joined parts is the
    first part's, continued over as many zeros as the second has bytes, XOR the second's.

    Args:
        file: read from its position, in blocks of a megabyte.
        size: number of bytes; all of them are there.
    """
    over_block = _over_zeros(_BLOCK_BYTES)
    checksum = 0
    for start in range(-(-size % _BLOCK_BYTES), size, _BLOCK_BYTES):
        block = file.read(_BLOCK_BYTES + min(start, 0)).rjust(_BLOCK_BYTES, b"\0")
        checksum = int(over_block[checksum]) ^ _block_checksum(block)
    return checksum


def _block_checksum(block: bytes) -> int:
    after_word = _over_zeros(2)
    checksums = np.zeros(_PARTS, np.uint16)
    for words in np.ascontiguousarray(np.frombuffer(block, "<u2").reshape(_PARTS, -1).T):
        checksums = after_word.take(checksums ^ words)
    size = _PART_BYTES
    while len(checksums) > 1:
        checksums = _over_zeros(size)[checksums[::2]] ^ checksums[1::2]
        size *= 2
    return int(checksums[0])


@functools.cache
def _over_zeros(count: int) -> np.ndarray:
    """Checksum after more zeros, for every checksum before: uint16 [65536].

    Args:
        count: number of zero bytes, a power of two, 2 at least.
    """
    if count > 2:
        half = _over_zeros(count // 2)
        return half[half]
    table = np.arange(1 << 16, dtype=np.uint16)
    for _ in range(16):
        table = (table >> 1) ^ np.where(table & 1, np.uint16(_POLYNOMIAL), np.uint16(0))
    return table
