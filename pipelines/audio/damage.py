"""Damage of audio files: how much is missing, as far as they say how long they should be."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import IO, Any

from pipelines.audio import id3

_TOLERANCE_SECONDS = 0.2
"""A file may hold so much less than its header says: encoders pad, and count differently."""

_MATROSKA = "matroska,webm"
_MOV = "mov,mp4,m4a,3gp,3g2,mj2"
# Containers whose header says the length exactly; others are estimates of FFmpeg by the bit rate.
_EXACT = ("aiff", "ape", "caf", "flac", _MOV, "ogg", "tta", "w64", "wv")
_FRAME_BYTES = 4096
"""Length of what is looked through for an MP3 file's first frame."""
_PADDING_FRAMES = 3
"""Frames of an MP3 file that an encoder's delay and padding take at most: they are no sound."""
_UNKNOWN_SIZES = (0, 0xFFFFFF00)
"""RIFF sizes of programs that write to a pipe: 0, or from here on."""

# MPEG audio layer III (ISO/IEC 11172-3 and 13818-3): kilobits per second, and samples per second.
_KILOBITS = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0),
)
_RATES = (44100, 48000, 32000, 0)


@dataclasses.dataclass(frozen=True)
class Damage:
    """The part of a file that could not be decoded.

    Attributes:
        path: of the file.
        lost: seconds that are known to be missing.
        kept: seconds that were decoded.
        open_ended: whether more is missing, of a length that the file does not state.
    """

    path: Path
    lost: float = 0.0
    kept: float = 0.0
    open_ended: bool = False

    def __bool__(self) -> bool:
        return self.open_ended or self.lost > _TOLERANCE_SECONDS

    def __str__(self) -> str:
        """One sentence without its full stop."""
        return f"{self.path} {self.reason}"

    @property
    def reason(self) -> str:
        """The sentence without the file's name."""
        if self.lost > _TOLERANCE_SECONDS:
            whole = self.lost + self.kept
            return f"is damaged or cut off: {self.lost:.1f} s of {whole:.1f} s are missing, the rest is used"
        return (
            "is damaged or cut off, and does not say how long it was: the "
            f"{self.kept:.1f} s that are there are used"
        )

    def with_lost(self, seconds: float) -> Damage:
        """The same after another piece could not be decoded.

        Args:
            seconds: length of the piece; 0 if that is unknown.
        """
        return dataclasses.replace(self, lost=self.lost + seconds, open_ended=self.open_ended or not seconds)

    def completed(self, kept: float, claimed: float | None) -> Damage:
        """The same at the end of the file.

        Args:
            kept: seconds that were decoded.
            claimed: seconds that the header says; None if it does not say.
        """
        missing = 0.0 if claimed is None else claimed - kept
        lost = missing if missing > _TOLERANCE_SECONDS else self.lost
        return dataclasses.replace(self, lost=lost, kept=kept)


@dataclasses.dataclass(frozen=True)
class LengthClaim:
    """The length that a file's header states, never one that is guessed from a bit rate.

    Attributes:
        seconds: None if it does not say.
        most_samples: after which everything is an encoder's padding (MP4's edit lists); None for no limit.
    """

    seconds: float | None = None
    most_samples: int | None = None

    @classmethod
    def read(cls, file: IO[bytes], container: Any, stream: Any) -> LengthClaim:
        """Reads it from the header.

        Args:
            file: the same file; its position is kept.
            container: FFmpeg's, open.
            stream: the container's audio stream.
        """
        name, place = container.format.name, file.tell()
        try:
            if name == "wav":
                return cls(_riff_seconds(file, container.size, stream))
            if name == "mp3":
                return cls(_xing_seconds(file, stream.codec_context.sample_rate))
        finally:
            file.seek(place)
        if name == _MATROSKA:
            return cls(_matroska_seconds(stream))
        if name not in _EXACT:
            return cls()
        seconds = _seconds(stream)
        most = round(seconds * stream.codec_context.sample_rate) if seconds and name == _MOV else None
        return cls(seconds, most)


def _seconds(stream: Any) -> float | None:
    return None if stream.duration is None else float(stream.duration * stream.time_base)


def _matroska_seconds(stream: Any) -> float | None:
    """Seconds of a Matroska file's sound by its tag; None without: the header's may be those of a picture."""
    clock = re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", stream.metadata.get("DURATION", ""))
    return 3600 * int(clock[1]) + 60 * int(clock[2]) + float(clock[3]) if clock else None


def _xing_seconds(file: IO[bytes], sample_rate: int) -> float | None:
    """Seconds of an MP3 file by the frames that its Xing or Info frame counts; None without one.

    FFmpeg's own number will not do: where it distrusts that frame, it guesses by the bit rate.
    """
    file.seek(id3.end(file))
    frame = file.read(_FRAME_BYTES)
    found = max(frame.find(b"Xing"), frame.find(b"Info"))
    counts = found >= 0 and int.from_bytes(frame[found + 4 : found + 8], "big") & 1
    if not counts:
        return None
    samples = 1152 if sample_rate >= _RATES[2] else 576  # MPEG 1, or its extensions to lower rates
    frames = int.from_bytes(frame[found + 8 : found + 12], "big") - _PADDING_FRAMES
    return max(frames, 0) * samples / sample_rate


def _riff_seconds(file: IO[bytes], size: int, stream: Any) -> float | None:
    """Seconds of a RIFF file, by the size that it states; None if that is one of `_UNKNOWN_SIZES`."""
    file.seek(0)
    head = file.read(8)
    stated, bytes_per_second = int.from_bytes(head[4:8], "little"), (stream.bit_rate or 0) / 8
    if head[:4] != b"RIFF" or not _UNKNOWN_SIZES[0] < stated < _UNKNOWN_SIZES[1] or not bytes_per_second:
        return None
    there = _seconds(stream)
    return None if there is None else there + max(stated + 8 - size, 0) / bytes_per_second


def ends_within_frame(packet: bytes) -> bool:
    """True for an MP3 packet that is shorter than its header says.

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
