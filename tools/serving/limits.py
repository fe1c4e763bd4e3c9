"""How much the server takes on."""

from __future__ import annotations

import dataclasses

MEGABYTE = 1 << 20


@dataclasses.dataclass(frozen=True)
class Limits:
    """What is refused beyond.

    Attributes:
        body_bytes: of one request.
        song_seconds: length of one song.
        requests: that are waited for or worked on at a time; further ones are asked to come back.
        body_seconds: that a client may be silent while it sends.
        decode_seconds: of processor time for decoding one song (and twice as long on the clock).
        decode_bytes: of memory for decoding one song.
        piece_seconds: for one piece of work (a window of a song, a prediction) on a worker.
        wait_seconds: for one piece of work, waiting in line included.
        small_bytes: requests up to here may share one call of the model.
        together: so many of them at most.
    """

    body_bytes: int = 64 * MEGABYTE
    song_seconds: float = 900.0
    requests: int = 64
    body_seconds: float = 30.0
    decode_seconds: int = 60
    decode_bytes: int = 1024 * MEGABYTE
    piece_seconds: float = 120.0
    wait_seconds: float = 600.0
    small_bytes: int = MEGABYTE
    together: int = 8
