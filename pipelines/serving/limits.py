"""Limits of the server; requests beyond them are rejected."""

from __future__ import annotations

import dataclasses

MEGABYTE = 1 << 20

_WAV_BYTES_PER_SECOND = 96_000 * 2 * 3
"""Data rate of WAV at 96 kHz, stereo, 24 bit, the largest common format."""
_MIN_DECODE_SECONDS = 60
_AUDIO_PER_DECODE_SECOND = 15.0
"""Lower bound of the decoding speed: seconds of audio in a second of processor time."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limits of one server.

    Attributes:
        song_seconds: length of a song.
        upload_bytes: size of a song's file; None for the size of a WAV file of that length.
        request_bytes: size of any other request.
        requests: concurrent requests; further ones get 503.
        body_seconds: pause of a client while it sends.
        decode_bytes: memory for decoding a song, or for splitting it by a stem.
        call_seconds: one call of a model (a window of a song, or predictions) on a worker.
        wait_seconds: one call, including its time in the queue.
        small_bytes: size of requests that may be batched.
        max_batch: requests of a batch.
    """

    song_seconds: float = 900.0
    upload_bytes: int | None = None
    request_bytes: int = 64 * MEGABYTE
    requests: int = 64
    body_seconds: float = 30.0
    decode_bytes: int = 1024 * MEGABYTE
    call_seconds: float = 120.0
    wait_seconds: float = 600.0
    small_bytes: int = MEGABYTE
    max_batch: int = 8

    @property
    def largest_upload(self) -> int:
        """Size of the largest song's file, bytes."""
        if self.upload_bytes is not None:
            return self.upload_bytes
        return MEGABYTE + round(self.song_seconds * _WAV_BYTES_PER_SECOND)

    @property
    def decode_seconds(self) -> int:
        """Processor time for decoding a song, or for splitting it, seconds (wall time: twice as long).

        Splitting 15 minutes of stereo at 44.1 kHz takes 13 s.
        """
        return max(_MIN_DECODE_SECONDS, round(self.song_seconds / _AUDIO_PER_DECODE_SECOND))
