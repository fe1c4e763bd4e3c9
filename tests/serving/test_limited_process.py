"""Decoding of uploads, and splitting of songs, in processes of their own."""

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

from pipelines.audio.song_measurement import measure_blocks
from pipelines.serving import limited_process, stem_splitter, upload_decoder
from pipelines.serving.http_errors import HttpError
from pipelines.serving.limited_process import ProcessLimits
from pipelines.serving.limits import Limits
from pipelines.serving.sample_file import SampleFile
from pipelines.stems.files import Role
from tests import odd_audio
from tests.stems import songs as stem_songs

RATE = 44100
LIMITS = "within the limits on time and memory"
PROCESS = ProcessLimits(1 << 30, 60, 1 << 30)


def decode_task(folder, samples):
    soundfile.write(folder / "song.flac", samples, RATE)
    target = folder / "samples"
    return upload_decoder.DecodeTask(folder / "song.flac", "the song", target, RATE, 600.0, PROCESS)


def run(task):
    return limited_process.run_blocking(task, threading.Event())


@pytest.mark.parametrize("level", [1.0, 0.0])
def test_the_decoded_samples_equal_the_song(tmp_path, level):
    music = level * odd_audio.music(2.0)
    found = run(decode_task(tmp_path, music))
    assert isinstance(found, SampleFile)
    assert (found.samples, found.channels) == music.shape
    assert math.isfinite(found.loudness) == bool(level)
    np.testing.assert_allclose(found.mapped(), music, atol=1e-4)
    np.testing.assert_array_equal(np.concatenate(list(found.blocks())), found.mapped())


def test_a_cancelled_process_is_killed(tmp_path):
    long, cancelled = decode_task(tmp_path, np.tile(odd_audio.music(2.0), (200, 1))), threading.Event()
    threading.Timer(0.3, cancelled.set).start()
    began = time.monotonic()
    with pytest.raises(HttpError, match=LIMITS):
        limited_process.run_blocking(long, cancelled)
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
        run(task)
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
        limited_process._parse(task, message)


def test_a_cancelled_request_kills_its_process(tmp_path, monkeypatch):
    killed = []

    def waits(task, cancelled):
        killed.append(cancelled.wait(20))
        raise HttpError(400, "cancelled")

    async def cancel():
        decoding = upload_decoder.decode(tmp_path / "song", "the song", RATE, Limits())
        task = asyncio.create_task(decoding)
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    monkeypatch.setattr(limited_process, "run_blocking", waits)
    asyncio.run(cancel())  # waits for its threads
    assert killed == [True]


def sample_file(path, samples):
    samples.astype("<f4").tofile(path)
    return SampleFile(path, len(samples), samples.shape[1], stem_songs.RATE, -20.0)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("channels", [1, 2])
def test_a_split_song(tmp_path, role, channels):
    singer, rest = stem_songs.voice(6.0), stem_songs.accompaniment(6.0)
    song = sample_file(tmp_path / "song.samples", singer + rest)
    stem = singer if role is Role.VOCALS else rest
    stem = stem[:, :1] if channels == 1 and role is Role.VOCALS else stem
    late = sample_file(tmp_path / "stem.samples", 0.5 * stem_songs.delayed(stem, 500))
    parts = asyncio.run(stem_splitter.split(song, late, role, Limits()))
    assert parts.has_voice
    assert (parts.accompaniment.samples, parts.accompaniment.channels) == (len(rest), 2)
    measured = measure_blocks(iter([rest]), stem_songs.RATE)
    assert parts.accompaniment.loudness == pytest.approx(measured.loudness, abs=0.3)
    inside = slice(None, -500)  # the delayed stem lacks its end
    assert stem_songs.si_sdr(parts.accompaniment.mapped()[inside], rest[inside]) > 35
    assert sorted(path.name for path in tmp_path.iterdir()) == ["song.accompaniment", "song.samples"]


def test_a_stem_of_another_song_is_an_error_without_paths(tmp_path):
    song = sample_file(tmp_path / "song.samples", stem_songs.voice(6.0) + stem_songs.accompaniment(6.0))
    other = sample_file(tmp_path / "stem.samples", stem_songs.voice(6.0, seed=9))
    with pytest.raises(HttpError, match=r"^the vocals stem is no part of the song .*: name a") as rejected:
        asyncio.run(stem_splitter.split(song, other, Role.VOCALS, Limits()))
    assert rejected.value.status == 400
    assert "/" not in rejected.value.message


def test_splitting_has_limits(tmp_path):
    song = sample_file(tmp_path / "song.samples", stem_songs.voice(6.0))
    task = stem_splitter.SplitTask(song, song, Role.VOCALS, tmp_path / "rest", ProcessLimits(1, 60, 1))
    with pytest.raises(HttpError, match=r"^the vocals stem c"):
        run(task)
