"""The server's end of decoding: one process for each upload, ended when it takes too long."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from pathlib import Path

from pipelines.serving import upload_decoder as process
from pipelines.serving.http_errors import Refused
from pipelines.serving.limits import Limits


@dataclasses.dataclass(frozen=True)
class Song:
    """A decoded song.

    Attributes:
        path: float32 samples, little-endian, channels interleaved.
        samples: for each channel.
        channels: 1 or 2.
        sample_rate: Hz.
        loudness: integrated, LUFS; minus infinity for silence.
    """

    path: Path
    samples: int
    channels: int
    sample_rate: int
    loudness: float

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.samples / self.sample_rate


async def decode(upload: Path, folder: Path, sample_rate: int, limits: Limits) -> Song:
    """Decodes an upload.

    Args:
        upload: the file; it is removed.
        folder: where the samples go.
        sample_rate: wanted, Hz.
        limits: of the server.

    Raises:
        Refused: with 4xx, if it is no song, damaged or too long, or takes too much time or memory.
    """
    target, cpu = folder / "samples", limits.decode_seconds
    order = process.Order(upload, target, sample_rate, limits.song_seconds, limits.decode_bytes, cpu)
    unwanted = threading.Event()
    try:
        found = await asyncio.to_thread(process.run, order, 2.0 * cpu, unwanted)
    finally:
        unwanted.set()  # a thread goes on when the request that waits for it is cancelled
    upload.unlink()
    if isinstance(found, process.Refusal):
        raise Refused(found.status, found.message)
    return Song(target, found.samples, found.channels, sample_rate, found.loudness)
