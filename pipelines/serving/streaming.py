"""A song's cover as WAV, sent while it is made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np

from pipelines.inference import gain
from pipelines.serving import wav
from pipelines.serving.decoder_process import Song
from pipelines.serving.gain_ramp import Leveller
from pipelines.serving.messages import Header
from pipelines.serving.pool import Pool


def size(song: Song) -> int:
    """Bytes of the whole answer."""
    return wav.HEADER_BYTES + 2 * song.channels * song.samples


async def stream(pool: Pool, song: Song, strength: float) -> AsyncIterator[bytes]:
    """Has a song played, window by window.

    Every window is a piece of work of its own, so songs share the workers in turn, and a worker that dies
    costs one window of one song, which is played again.

    Args:
        pool: of the model.
        song: decoded at the model's sample rate.
        strength: 0 (the source, whatever its peaks) to 1.

    Yields:
        The parts of a WAV file, the first one when the first window is there.

    Raises:
        Refused: with 503 or 504.
    """
    rate = song.sample_rate
    source = np.memmap(song.path, "<f4", "r").reshape(-1, song.channels)
    back = gain.between(gain.training_loudness(song.channels), song.loudness)
    leveller = Leveller(rate, song.channels, back, follow=strength > 0)
    done, head = 0, wav.header(rate, song.channels, song.samples)
    for index in range(_windows(pool, song)):
        cover = np.frombuffer(await pool.play(_order(song, index, strength)), "<f4").reshape(
            -1, song.channels
        )
        # A tenth of a second of filtering, in which other requests go on.
        ready = await asyncio.to_thread(leveller.add, source[done : done + len(cover)], cover)
        done += len(cover)
        yield head + wav.content(ready)
        head = b""
    yield wav.content(leveller.finish())


def _windows(pool: Pool, song: Song) -> int:
    frames = 1 + song.samples // pool.description["hop_length"]
    return -(-frames // pool.description["window_frames"])


def _order(song: Song, index: int, strength: float) -> Header:
    return {
        "do": "play",
        "song": str(song.path),
        "channels": song.channels,
        "loudness": song.loudness,
        "index": index,
        "strength": strength,
    }
