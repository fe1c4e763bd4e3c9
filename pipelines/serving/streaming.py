"""Streaming translation of a song to WAV, window by window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np

from pipelines.nn.dials import Dials
from pipelines.serving import messages, wav
from pipelines.serving.cover_mixer import CoverMixer
from pipelines.serving.messages import Header
from pipelines.serving.pool import WorkerPool
from pipelines.serving.sample_file import SampleFile
from pipelines.serving.stem_splitter import SongParts


def content_length(song: SampleFile) -> int:
    """Size of the WAV file of a song's translation, bytes."""
    return wav.HEADER_BYTES + 2 * song.channels * song.samples


async def translate(
    pool: WorkerPool, parts: SongParts, dials: Dials, vocals_level: float = 0.0
) -> AsyncIterator[bytes]:
    """Translates a song, window by window.

    Every window is a work item, so concurrent songs alternate on the workers, and a worker that dies costs
    one window of one song, which is translated again.

    Args:
        pool: of the model.
        parts: of the song, decoded at the model's sample rate; the accompaniment is translated.
        dials: of the song; at a strength of 0 the cover is the source, whatever its peaks.
        vocals_level: change of the voice's level, decibels.

    Yields:
        Chunks of a WAV file, the first one after the first window; the last three seconds of a window come
        with the next one.

    Raises:
        HttpError: with 503 or 504.
    """
    song = parts.song
    mixer = CoverMixer(parts, pool.description["hop_length"], dials, vocals_level)
    head = wav.header(song.sample_rate, song.channels, song.samples)
    for index in range(_window_count(pool, song)):
        samples = await pool.translate_window(_request(parts.accompaniment, index, dials))
        translation = np.frombuffer(samples, "<f4").reshape(-1, song.channels)
        # In a thread, since it takes a tenth of a second, during which other requests continue.
        cover = await asyncio.to_thread(mixer.add, translation)
        yield head + wav.encode_samples(cover)
        head = b""
    yield wav.encode_samples(mixer.finish())


def _window_count(pool: WorkerPool, song: SampleFile) -> int:
    frames = 1 + song.samples // pool.description["hop_length"]
    return -(-frames // pool.description["window_frames"])


def _request(song: SampleFile, index: int, dials: Dials) -> Header:
    return {
        "kind": messages.TRANSLATE,
        "song": str(song.path),
        "channels": song.channels,
        "loudness": song.loudness,
        "index": index,
        "dials": dials._asdict(),
    }
