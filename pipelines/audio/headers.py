"""Lengths that the headers of audio files state."""

from __future__ import annotations

import dataclasses
import re
from typing import IO, Any

from pipelines.audio.mp3 import xing_seconds

_MATROSKA = "matroska,webm"
_MOV = "mov,mp4,m4a,3gp,3g2,mj2"
# Containers whose header states the exact length; FFmpeg estimates that of others from the bit rate.
_EXACT = ("aiff", "ape", "caf", "flac", _MOV, "ogg", "tta", "w64", "wv")
_UNKNOWN_SIZES = (0, 0xFFFFFF00)
"""RIFF sizes that programs write to a pipe: 0, or this large at least."""


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
                return cls(xing_seconds(file, stream.codec_context.sample_rate))
        finally:
            file.seek(position)
        if name == _MATROSKA:
            return cls(_matroska_seconds(stream))
        if name not in _EXACT:
            return cls()
        seconds = _stream_seconds(stream)
        limit = round(seconds * stream.codec_context.sample_rate) if seconds and name == _MOV else None
        return cls(seconds, limit)


def _stream_seconds(stream: Any) -> float | None:
    return None if stream.duration is None else float(stream.duration * stream.time_base)


def _matroska_seconds(stream: Any) -> float | None:
    """Length of a Matroska file's sound by its tag; None without: the header's may be that of a picture."""
    clock = re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", stream.metadata.get("DURATION", ""))
    return 3600 * int(clock[1]) + 60 * int(clock[2]) + float(clock[3]) if clock else None


def _riff_seconds(file: IO[bytes], size: int, stream: Any) -> float | None:
    """Length of a RIFF file by the size that it states; None if that is one of `_UNKNOWN_SIZES`."""
    file.seek(0)
    head = file.read(8)
    stated, bytes_per_second = int.from_bytes(head[4:8], "little"), (stream.bit_rate or 0) / 8
    if head[:4] != b"RIFF" or not _UNKNOWN_SIZES[0] < stated < _UNKNOWN_SIZES[1] or not bytes_per_second:
        return None
    present = _stream_seconds(stream)
    return None if present is None else present + max(stated + 8 - size, 0) / bytes_per_second
