"""Decoding of uploads, each in a process of its own with limits on memory and time.

The processes are forks of one that has loaded the libraries, so that a song does not wait for imports. An
upload is untrusted, and so is its process: it returns a short JSON message and raw samples only.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import multiprocessing
import os
import resource
import signal
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.audio import files
from pipelines.audio.decoding import NotAudioError
from pipelines.audio.loudness import LoudnessMeter
from pipelines.errors import UserError
from pipelines.serving.http_errors import HttpError
from pipelines.serving.limits import Limits

_BLOCK_SECONDS = 5.0
_POLL_SECONDS = 0.2
_MESSAGE_BYTES = 1 << 16
_FRAME_BYTES = 2 * np.dtype(np.float32).itemsize

# A fork imports the main module, too: the modules that `coverband serve` needs have to be loaded.
_PRELOADED = ["__main__", "pipelines.serving.lifecycle"]


@dataclasses.dataclass(frozen=True)
class DecodedUpload:
    """A decoded song.

    Attributes:
        path: file of its samples, little-endian float32, channels interleaved.
        samples: per channel.
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


@dataclasses.dataclass(frozen=True)
class DecodeTask:
    """An upload to decode, and the limits of its process.

    Attributes:
        source: the upload.
        target: file for the samples.
        sample_rate: of the samples, Hz.
        seconds: length of the longest song.
        memory_bytes: of the process, beyond what the libraries use.
        cpu_seconds: of the process.
    """

    source: Path
    target: Path
    sample_rate: int
    seconds: float
    memory_bytes: int
    cpu_seconds: int


class _TooLongError(Exception):
    """The song is longer than the limit."""


async def decode(upload: Path, folder: Path, sample_rate: int, limits: Limits) -> DecodedUpload:
    """Decodes an upload.

    Args:
        upload: the file, which is removed.
        folder: for the samples.
        sample_rate: of the samples, Hz.
        limits: of the server.

    Raises:
        HttpError: with 4xx, if it is no song, damaged or too long, or exceeds the limits on time and memory.
    """
    target, cpu = folder / "samples", limits.decode_seconds
    task = DecodeTask(upload, target, sample_rate, limits.song_seconds, limits.decode_bytes, cpu)
    cancelled = threading.Event()
    try:
        decoded = await asyncio.to_thread(run, task, 2.0 * cpu, cancelled)
    finally:
        cancelled.set()  # a thread continues when the request that waits for it is cancelled
    upload.unlink()
    return decoded


def run(task: DecodeTask, timeout: float, cancelled: threading.Event) -> DecodedUpload:
    """Decodes an upload in a process of its own and waits for its end.

    Args:
        task: the upload and its limits.
        timeout: wall time, seconds, after which the process is killed.
        cancelled: set by another thread to kill the process.

    Raises:
        HttpError: see `decode`.
    """
    end = time.monotonic() + timeout
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_main, args=(task, sender), daemon=True)
    with receiver:
        try:
            with sender:
                process.start()
        except (EOFError, OSError) as error:  # no memory for a fork, for instance
            raise _limit_error() from error
        try:
            while not receiver.poll(_POLL_SECONDS):
                if cancelled.is_set() or time.monotonic() > end:
                    raise _limit_error()
            return _parse(task, receiver.recv_bytes(_MESSAGE_BYTES))
        except (EOFError, OSError) as error:  # it died
            raise _limit_error() from error
        finally:
            process.kill()
            process.join()
            process.close()


def _limit_error() -> HttpError:
    return HttpError(400, "the song could not be decoded within the limits on time and memory")


def _parse(task: DecodeTask, message: bytes) -> DecodedUpload:
    """Decoded upload of a JSON message, every field of which is checked."""
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise _limit_error() from error
    match fields:
        case {"status": 400 | 413 | 415 as status, "message": str(sentence)}:
            raise HttpError(int(status), sentence)
        case {"samples": int(samples), "channels": 1 | 2 as channels, "loudness": float(loudness)}:
            if samples >= 0:
                return DecodedUpload(task.target, samples, int(channels), task.sample_rate, loudness)
    raise _limit_error()


def _main(task: DecodeTask, sender: Connection) -> None:
    """Main function of the process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.setsid()  # Ctrl-C reaches the server only, which lets the process finish
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _set_limits(task)
    sender.send_bytes(json.dumps(_fields(task)).encode())


def _fields(task: DecodeTask) -> dict[str, Any]:
    """Fields of the message: properties of the samples, or an HTTP status and a sentence."""
    try:
        return _decode(task)
    except UserError as error:
        sentence = str(error).replace(str(task.source), "the song")
        return {"status": 415 if isinstance(error, NotAudioError) else 400, "message": sentence}
    except _TooLongError:
        limit = f"{task.seconds / 60:g} minutes that are accepted (coverband serve --minutes)"
        return {"status": 413, "message": f"the song is longer than the {limit}"}
    except (MemoryError, OSError, ValueError, RuntimeError):
        return {"status": 400, "message": "the song cannot be decoded: convert it again"}


def _decode(task: DecodeTask) -> dict[str, Any]:
    channels, rate = files.info(task.source).channels, task.sample_rate
    meter, samples = LoudnessMeter(rate, channels), 0
    with task.target.open("wb") as file:
        # The intact part of a damaged song is translated.
        for block in files.blocks(task.source, rate, _BLOCK_SECONDS, on_damage=lambda damage: None):
            samples += len(block)
            if samples > rate * task.seconds:
                raise _TooLongError
            meter.add(block)
            file.write(block.astype("<f4").tobytes())
    return {"samples": samples, "channels": channels, "loudness": float(meter.integrated())}


def _set_limits(task: DecodeTask) -> None:
    """Sets the limits of this process; what Python and its libraries have used already is not counted."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    target_bytes = round(task.sample_rate * (task.seconds + 2 * _BLOCK_SECONDS)) * _FRAME_BYTES
    _lower(resource.RLIMIT_AS, used + task.memory_bytes)
    _lower(resource.RLIMIT_CPU, int(usage.ru_utime + usage.ru_stime) + task.cpu_seconds)
    _lower(resource.RLIMIT_FSIZE, target_bytes)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(kind: int, limit: int) -> None:
    hard = resource.getrlimit(kind)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (limit, limit))
