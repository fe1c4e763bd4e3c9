"""Streaming translation of a song to WAV, window by window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np

from pipelines.inference import gain
from pipelines.nn.dials import Dials
from pipelines.serving import messages, wav
from pipelines.serving.gain_ramp import GainRamp
from pipelines.serving.messages import Header
from pipelines.serving.pool import WorkerPool
from pipelines.serving.upload_decoder import DecodedUpload


def content_length(song: DecodedUpload) -> int:
    """Size of the WAV file of a song's translation, bytes."""
    return wav.HEADER_BYTES + 2 * song.channels * song.samples


async def translate(pool: WorkerPool, song: DecodedUpload, dials: Dials) -> AsyncIterator[bytes]:
    """Translates a song, window by window.

    Every window is a work item, so concurrent songs alternate on the workers, and a worker that dies costs
    one window of one song, which is translated again.

    Args:
        pool: of the model.
        song: decoded at the model's sample rate.
        dials: of the song; at a strength of 0 the cover is the source, whatever its peaks.

    Yields:
        Chunks of a WAV file, the first one after the first window.

    Raises:
        HttpError: with 503 or 504.
    """
    rate = song.sample_rate
    source = np.memmap(song.path, "<f4", "r").reshape(-1, song.channels)
    fallback = gain.loudness_gain(gain.training_loudness(song.channels), song.loudness)
    ramp = GainRamp(rate, song.channels, fallback, match=dials.strength > 0)
    done, head = 0, wav.header(rate, song.channels, song.samples)
    for index in range(_window_count(pool, song)):
        samples = await pool.translate_window(_request(song, index, dials))
        translation = np.frombuffer(samples, "<f4").reshape(-1, song.channels)
        # In a thread, since it takes a tenth of a second, during which other requests continue.
        matched = await asyncio.to_thread(ramp.add, source[done : done + len(translation)], translation)
        done += len(translation)
        yield head + wav.encode_samples(matched)
        head = b""
    yield wav.encode_samples(ramp.finish())


def _window_count(pool: WorkerPool, song: DecodedUpload) -> int:
    frames = 1 + song.samples // pool.description["hop_length"]
    return -(-frames // pool.description["window_frames"])


def _request(song: DecodedUpload, index: int, dials: Dials) -> Header:
    return {
        "kind": messages.TRANSLATE,
        "song": str(song.path),
        "channels": song.channels,
        "loudness": song.loudness,
        "index": index,
        "dials": dials._asdict(),
    }
