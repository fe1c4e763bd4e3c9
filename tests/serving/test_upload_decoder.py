"""One upload, decoded in a process of its own."""

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

from pipelines.serving import decoder_process, upload_decoder
from pipelines.serving.limits import Limits
from tests import odd_audio

RATE = 44100


def order(folder, samples):
    soundfile.write(folder / "song.flac", samples, RATE)
    return upload_decoder.Order(folder / "song.flac", folder / "samples", RATE, 600.0, 1 << 30, 60)


@pytest.mark.parametrize("level", [1.0, 0.0])
def test_what_is_decoded_comes_back(tmp_path, level):
    music = level * odd_audio.music(2.0)
    found = upload_decoder.run(order(tmp_path, music), 60.0, threading.Event())
    assert isinstance(found, upload_decoder.Decoded)
    assert (found.samples, found.channels) == music.shape
    assert math.isfinite(found.loudness) == bool(level)
    decoded = np.fromfile(tmp_path / "samples", "<f4").reshape(music.shape)
    np.testing.assert_allclose(decoded, music, atol=1e-4)


def test_what_nobody_waits_for_is_killed(tmp_path):
    long, unwanted = order(tmp_path, np.tile(odd_audio.music(2.0), (200, 1))), threading.Event()
    threading.Timer(0.3, unwanted.set).start()
    began = time.monotonic()
    assert upload_decoder.run(long, 60.0, unwanted) == upload_decoder.FAILED
    whole = (tmp_path / "samples").stat().st_size if (tmp_path / "samples").exists() else 0
    assert whole < 400 * RATE * 2 * 4
    assert time.monotonic() - began < 30


def test_a_fork_that_fails_is_a_refusal_and_leaves_no_pipe(tmp_path, monkeypatch):
    def fails(_):
        raise EOFError

    asked = order(tmp_path, odd_audio.music(0.1))
    monkeypatch.setattr(multiprocessing.context.ForkServerProcess, "start", fails)
    before = os.listdir("/proc/self/fd")
    assert upload_decoder.run(asked, 60.0, threading.Event()) == upload_decoder.FAILED
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize(
    "answer",
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
    ids=lambda answer: ascii(answer[:40]),
)
def test_an_answer_that_is_none_is_a_refusal(answer):
    assert upload_decoder._read(answer) == upload_decoder.FAILED


def test_a_request_that_is_cancelled_lets_its_song_go(tmp_path, monkeypatch):
    given_up = []

    def waits(order, clock_seconds, unwanted):
        given_up.append(unwanted.wait(20))
        return upload_decoder.FAILED

    async def cancelled():
        task = asyncio.create_task(decoder_process.decode(tmp_path / "song", tmp_path, RATE, Limits()))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    monkeypatch.setattr(upload_decoder, "run", waits)
    asyncio.run(cancelled())  # waits for its threads
    assert given_up == [True]
