"""ID3v2 tags, which stand before the sound of MP3, AAC and some FLAC files."""

from __future__ import annotations

import os
from typing import IO

_HEADER_BYTES = 10
_FOOTER = 0x10
"""Flag of a tag that ends in a copy of its header."""


def end(file: IO[bytes]) -> int:
    """Length of the tags at a file's start, bytes (ID3v2.4, section 3.1); 0 if they are all that there is.

    Args:
        file: read from its start; its position is not kept.
    """
    size = file.seek(0, os.SEEK_END)
    start = 0
    while file.seek(start) < size:
        header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES or not header.startswith(b"ID3"):
            break
        length = sum(byte << shift for byte, shift in zip(header[6:], (21, 14, 7, 0), strict=True))
        start += _HEADER_BYTES + length + (_HEADER_BYTES if header[5] & _FOOTER else 0)
    return start if start < size else 0
