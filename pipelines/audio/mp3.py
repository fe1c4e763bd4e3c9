"""Tags and frames of MP3 files: ID3 tags, Xing headers, and the checksum of the whole."""

from __future__ import annotations

import io
import os
from typing import IO

from pipelines.audio.checksums import crc16

_ID3_HEADER_BYTES = 10
_ID3_FOOTER = 0x10
"""Flag of an ID3v2 tag that ends with a copy of its header."""
_SEARCH_BYTES = 4096
"""Length of the search for an MP3 file's first frame."""
_PADDING_FRAMES = 3
"""Largest number of MP3 frames of an encoder's delay and padding, which hold no sound."""

# MPEG audio layer III (ISO/IEC 11172-3 and 13818-3): kilobits per second, and samples per second.
_KILOBITS = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
)
_RATES = (44100, 48000, 32000, 0)

# Fields of a Xing or Info header with LAME's extension, counted from its name.
_XING_FLAGS, _LAME_LENGTH, _LAME_CHECKSUM, _LAME_OWN_CHECKSUM = 7, slice(148, 152), slice(152, 154), 154
_FFMPEG_CHECKED_BYTES = 190
"""Length of the checked part of FFmpeg's first frames; LAME's ends at the checksum, 190 in most files."""
_TAGS_AT_THE_END = (b"", b"TAG", b"APE")
"""First bytes of what may stand behind the last frame: nothing, ID3v1 and APE tags."""
_TAG_NAME_BYTES = 3


def id3_size(file: IO[bytes]) -> int:
    """Size of the ID3v2 tags at a file's start, bytes (ID3v2.4, section 3.1); 0 if nothing follows them.

    Tags stand before the sound of MP3, AAC and some FLAC files.

    Args:
        file: read from its start; its position is not restored.
    """
    size = file.seek(0, os.SEEK_END)
    start = 0
    while file.seek(start) < size:
        header = file.read(_ID3_HEADER_BYTES)
        if len(header) < _ID3_HEADER_BYTES or not header.startswith(b"ID3"):
            break
        length = sum(byte << shift for byte, shift in zip(header[6:], (21, 14, 7, 0), strict=True))
        start += _ID3_HEADER_BYTES + length + (_ID3_HEADER_BYTES if header[5] & _ID3_FOOTER else 0)
    return start if start < size else 0


def is_truncated_mp3_frame(packet: bytes) -> bool:
    """True for an MP3 packet that is shorter than its header states.

    Args:
        packet: a frame of MPEG audio layer III.
    """
    return len(packet) < _mp3_frame_bytes(packet)


def is_whole_mp3(file: IO[bytes]) -> bool:
    """True for an MP3 file that is whole by the checksums that LAME and FFmpeg write into the first frame.

    The frame holds a Xing or Info header with all four fields, and LAME's extension of it with two checksums,
    of the frame and of all others: see "Mp3 Info Tag, rev. 1" of LAME's documentation.

    Args:
        file: open for reading; its position is not restored.
    """
    start = id3_size(file)
    file.seek(start)
    frame = file.read(_SEARCH_BYTES)
    size = _mp3_frame_bytes(frame)
    found = max(frame.find(name, 0, size) for name in (b"Xing", b"Info"))
    tag = frame[found:size]
    if found < 0 or len(tag) < _LAME_OWN_CHECKSUM + 2 or tag[_XING_FLAGS] & 0xF != 0xF:
        return False
    if not _is_whole_frame(frame[:size], found + _LAME_OWN_CHECKSUM):
        return False
    end = start + int.from_bytes(tag[_LAME_LENGTH], "big")
    file.seek(end)
    behind = file.read(_TAG_NAME_BYTES)
    if end <= start + size or file.seek(0, os.SEEK_END) < end or behind not in _TAGS_AT_THE_END:
        return False
    file.seek(start + size)
    return crc16(file, end - start - size) == int.from_bytes(tag[_LAME_CHECKSUM], "big")


def _is_whole_frame(frame: bytes, place: int) -> bool:
    """True for a first frame that is whole by its own checksum, which stands at a place of it."""
    empty = (frame[:place] + bytes(2) + frame[place + 2 :]).ljust(_FFMPEG_CHECKED_BYTES, b"\0")
    checksums = {crc16(io.BytesIO(empty), size) for size in (place, _FFMPEG_CHECKED_BYTES)}
    return int.from_bytes(frame[place : place + 2], "big") in checksums


def xing_seconds(file: IO[bytes], sample_rate: int) -> float | None:
    """Length of an MP3 file by the frame count of its Xing or Info frame; None without one.

    FFmpeg's length is not used: where it distrusts that frame, it estimates from the bit rate.
    """
    file.seek(id3_size(file))
    frame = file.read(_SEARCH_BYTES)
    found = max(frame.find(b"Xing"), frame.find(b"Info"))
    has_count = found >= 0 and int.from_bytes(frame[found + 4 : found + 8], "big") & 1
    if not has_count:
        return None
    samples = 1152 if sample_rate >= _RATES[2] else 576  # MPEG 1, or its extensions to lower rates
    frames = int.from_bytes(frame[found + 8 : found + 12], "big") - _PADDING_FRAMES
    return max(frames, 0) * samples / sample_rate


def _mp3_frame_bytes(frame: bytes) -> int:
    """Size of a frame of MPEG audio layer III without padding, by its header; 0 if it has none."""
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:  # sync word and layer III
        return 0
    version = frame[1] >> 3 & 3  # 3 is MPEG 1, 2 is MPEG 2, 0 is MPEG 2.5
    kilobits = _KILOBITS[version != 3][frame[2] >> 4]
    rate = _RATES[frame[2] >> 2 & 3] // {3: 1, 2: 2, 0: 4}.get(version, 1)
    return (144 if version == 3 else 72) * 1000 * kilobits // rate if rate else 0
