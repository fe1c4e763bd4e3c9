"""Headers of audio files: ID3 tags, declared lengths, and sizes of MP3 frames."""

from __future__ import annotations

import dataclasses
import os
import re
from typing import IO, Any

_MATROSKA = "matroska,webm"
_MOV = "mov,mp4,m4a,3gp,3g2,mj2"
# Containers whose header states the exact length; FFmpeg estimates that of others from the bit rate.
_EXACT = ("aiff", "ape", "caf", "flac", _MOV, "ogg", "tta", "w64", "wv")
_ID3_HEADER_BYTES = 10
_ID3_FOOTER = 0x10
"""Flag of an ID3v2 tag that ends with a copy of its header."""
_SEARCH_BYTES = 4096
"""Length of the search for an MP3 file's first frame."""
_PADDING_FRAMES = 3
"""Largest number of MP3 frames of an encoder's delay and padding, which hold no sound."""
_UNKNOWN_SIZES = (0, 0xFFFFFF00)
"""RIFF sizes that programs write to a pipe: 0, or this large at least."""

# MPEG audio layer III (ISO/IEC 11172-3 and 13818-3): kilobits per second, and samples per second.
_KILOBITS = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
)
_RATES = (44100, 48000, 32000, 0)


@dataclasses.dataclass(frozen=True)
class DeclaredLength:
    """Length that a file's header states; never an estimate from a bit rate.

    Attributes:
        seconds: None if the header does not state it.
        max_samples: number of samples before an encoder's padding (MP4 edit lists); None for no limit.
    """

    seconds: float | None = None
    max_samples: int | None = None

    @classmethod
    def from_file(cls, file: IO[bytes], container: Any, stream: Any) -> DeclaredLength:
        """Reads the length from the header.

        Args:
            file: open for reading; its position is restored.
            container: FFmpeg's container of the same file, open.
            stream: audio stream of the container.
        """
        name, position = container.format.name, file.tell()
        try:
            if name == "wav":
                return cls(_riff_seconds(file, container.size, stream))
            if name == "mp3":
                return cls(_xing_seconds(file, stream.codec_context.sample_rate))
        finally:
            file.seek(position)
        if name == _MATROSKA:
            return cls(_matroska_seconds(stream))
        if name not in _EXACT:
            return cls()
        seconds = _stream_seconds(stream)
        limit = round(seconds * stream.codec_context.sample_rate) if seconds and name == _MOV else None
        return cls(seconds, limit)


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
    if len(packet) < 4 or packet[0] != 0xFF or packet[1] & 0xE6 != 0xE2:  # sync word and layer III
        return False
    version = packet[1] >> 3 & 3  # 3 is MPEG 1, 2 is MPEG 2, 0 is MPEG 2.5
    kilobits = _KILOBITS[version != 3][packet[2] >> 4]
    rate = _RATES[packet[2] >> 2 & 3] // {3: 1, 2: 2, 0: 4}.get(version, 1)
    if not kilobits or not rate:
        return False
    return len(packet) < (144 if version == 3 else 72) * 1000 * kilobits // rate


def _stream_seconds(stream: Any) -> float | None:
    return None if stream.duration is None else float(stream.duration * stream.time_base)


def _matroska_seconds(stream: Any) -> float | None:
    """Length of a Matroska file's sound by its tag; None without: the header's may be that of a picture."""
    clock = re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", stream.metadata.get("DURATION", ""))
    return 3600 * int(clock[1]) + 60 * int(clock[2]) + float(clock[3]) if clock else None


def _xing_seconds(file: IO[bytes], sample_rate: int) -> float | None:
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


def _riff_seconds(file: IO[bytes], size: int, stream: Any) -> float | None:
    """Length of a RIFF file by the size that it states; None if that is one of `_UNKNOWN_SIZES`."""
    file.seek(0)
    head = file.read(8)
    stated, bytes_per_second = int.from_bytes(head[4:8], "little"), (stream.bit_rate or 0) / 8
    if head[:4] != b"RIFF" or not _UNKNOWN_SIZES[0] < stated < _UNKNOWN_SIZES[1] or not bytes_per_second:
        return None
    present = _stream_seconds(stream)
    return None if present is None else present + max(stated + 8 - size, 0) / bytes_per_second
