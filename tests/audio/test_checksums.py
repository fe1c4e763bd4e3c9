import io

import numpy as np
import pytest

from pipelines.audio.checksums import crc16


def bitwise(content: bytes) -> int:
    """CRC-16/ARC, bit by bit."""
    checksum = 0
    for byte in content:
        checksum ^= byte
        for _ in range(8):
            checksum = (checksum >> 1) ^ (0xA001 if checksum & 1 else 0)
    return checksum


def test_published_value():
    assert crc16(io.BytesIO(b"123456789"), 9) == 0xBB3D


@pytest.mark.parametrize("size", [0, 1, 1023, 100_000])
def test_equal_to_bit_by_bit(size):
    content = np.random.default_rng(size).bytes(size)
    assert crc16(io.BytesIO(content), size) == bitwise(content)


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 7, 3 << 20])
def test_blocks_are_joined(size):
    head = bytes(range(1, 201))
    content = bytes(size - len(head)) + head  # leading zeros change nothing
    file = io.BytesIO(b"other" + content + b"other")
    file.seek(5)
    assert crc16(file, size) == bitwise(head)
    assert file.tell() == 5 + size
