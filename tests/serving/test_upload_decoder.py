"""Decoding of an upload in a process of its own."""

import asyncio
import json
import math
import multiprocessing.context
import os
import threading
import time

import numpy as np
import pytest
import soundfile

from pipelines.serving import upload_decoder
from pipelines.serving.http_errors import HttpError
from pipelines.serving.limits import Limits
from tests import odd_audio

RATE = 44100
LIMITS = "within the limits on time and memory"


def decode_task(folder, samples):
    soundfile.write(folder / "song.flac", samples, RATE)
    return upload_decoder.DecodeTask(folder / "song.flac", folder / "samples", RATE, 600.0, 1 << 30, 60)


@pytest.mark.parametrize("level", [1.0, 0.0])
def test_the_decoded_samples_equal_the_song(tmp_path, level):
    music = level * odd_audio.music(2.0)
    found = upload_decoder.run(decode_task(tmp_path, music), 60.0, threading.Event())
    assert isinstance(found, upload_decoder.DecodedUpload)
    assert (found.samples, found.channels) == music.shape
    assert math.isfinite(found.loudness) == bool(level)
    decoded = np.fromfile(tmp_path / "samples", "<f4").reshape(music.shape)
    np.testing.assert_allclose(decoded, music, atol=1e-4)


def test_a_cancelled_process_is_killed(tmp_path):
    long, cancelled = decode_task(tmp_path, np.tile(odd_audio.music(2.0), (200, 1))), threading.Event()
    threading.Timer(0.3, cancelled.set).start()
    began = time.monotonic()
    with pytest.raises(HttpError, match=LIMITS):
        upload_decoder.run(long, 60.0, cancelled)
    whole = (tmp_path / "samples").stat().st_size if (tmp_path / "samples").exists() else 0
    assert whole < 400 * RATE * 2 * 4
    assert time.monotonic() - began < 30


def test_a_failed_fork_is_an_error_and_leaves_no_pipe(tmp_path, monkeypatch):
    def fails(_):
        raise EOFError

    task = decode_task(tmp_path, odd_audio.music(0.1))
    monkeypatch.setattr(multiprocessing.context.ForkServerProcess, "start", fails)
    before = os.listdir("/proc/self/fd")
    with pytest.raises(HttpError, match=LIMITS):
        upload_decoder.run(task, 60.0, threading.Event())
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize(
    "message",
    [
        b"\x80\x04N.",  # a pickle
        b"[" * 60000,
        b"5",
        json.dumps({"status": 200, "message": "all is well"}).encode(),
        json.dumps({"status": 400, "message": 5}).encode(),
        json.dumps({"samples": "5", "channels": 2, "loudness": -20.0}).encode(),
        json.dumps({"samples": -5, "channels": 2, "loudness": -20.0}).encode(),
        json.dumps({"samples": 5, "channels": 0, "loudness": -20.0}).encode(),
    ],
    ids=lambda message: ascii(message[:40]),
)
def test_an_invalid_message_is_an_error(tmp_path, message):
    task = decode_task(tmp_path, odd_audio.music(0.1))
    with pytest.raises(HttpError, match=LIMITS):
        upload_decoder._parse(task, message)


def test_a_cancelled_request_kills_its_process(tmp_path, monkeypatch):
    killed = []

    def waits(task, timeout, cancelled):
        killed.append(cancelled.wait(20))
        raise HttpError(400, "cancelled")

    async def cancel():
        task = asyncio.create_task(upload_decoder.decode(tmp_path / "song", tmp_path, RATE, Limits()))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    monkeypatch.setattr(upload_decoder, "run", waits)
    asyncio.run(cancel())  # waits for its threads
    assert killed == [True]
