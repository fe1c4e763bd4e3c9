"""Limits of the server: what is refused beyond them."""

from __future__ import annotations

import dataclasses

MEGABYTE = 1 << 20

_WAV_BYTES_PER_SECOND = 96_000 * 2 * 3
"""The largest files that people have: WAV of 96 kHz, stereo, 24 bit."""
_LEAST_DECODE_SECONDS = 60
_MUSIC_PER_DECODE_SECOND = 15.0
"""Seconds of music that are decoded in a second of processor time at the slowest."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limits of one server.

    Attributes:
        song_seconds: length of one song.
        upload_bytes: size of one song; None for what a WAV file of that length may have.
        request_bytes: size of any other request.
        requests: that are waited for or worked on at a time; further ones are asked to come back.
        body_seconds: that a client may be silent while it sends.
        decode_bytes: of memory for decoding one song.
        piece_seconds: for one piece of work (a window of a song, a prediction) on a worker.
        wait_seconds: for one piece of work, waiting in line included.
        small_bytes: requests up to here may share one call of the model.
        together: so many of them at most.
    """

    song_seconds: float = 900.0
    upload_bytes: int | None = None
    request_bytes: int = 64 * MEGABYTE
    requests: int = 64
    body_seconds: float = 30.0
    decode_bytes: int = 1024 * MEGABYTE
    piece_seconds: float = 120.0
    wait_seconds: float = 600.0
    small_bytes: int = MEGABYTE
    together: int = 8

    @property
    def largest_upload(self) -> int:
        """Bytes of the largest song."""
        if self.upload_bytes is not None:
            return self.upload_bytes
        return MEGABYTE + round(self.song_seconds * _WAV_BYTES_PER_SECOND)

    @property
    def decode_seconds(self) -> int:
        """Processor time for decoding one song (and twice as long on the clock)."""
        return max(_LEAST_DECODE_SECONDS, round(self.song_seconds / _MUSIC_PER_DECODE_SECOND))
