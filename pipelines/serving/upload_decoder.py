"""Decoding of one upload, of which nothing is known, in a process of its own with little memory and time.

Processes are forks of one that has loaded the libraries, so that a song does not wait for them.
"""

from __future__ import annotations

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

import numpy as np

from pipelines.audio import files
from pipelines.audio.decoding import NotAudioError
from pipelines.audio.loudness import LoudnessMeter
from pipelines.errors import UserError

_BLOCK_SECONDS = 5.0
_GLANCE_SECONDS = 0.2
_ANSWER_BYTES = 1 << 16


@dataclasses.dataclass(frozen=True)
class Order:
    """One upload to be decoded.

    Attributes:
        source: the upload.
        target: file for float32 samples, little-endian, channels interleaved.
        sample_rate: wanted, Hz.
        seconds: length of the longest song.
        memory_bytes: that decoding may take.
        cpu_seconds: likewise.
    """

    source: Path
    target: Path
    sample_rate: int
    seconds: float
    memory_bytes: int
    cpu_seconds: int


@dataclasses.dataclass(frozen=True)
class Decoded:
    """Properties of a song that was decoded.

    Attributes:
        samples: for each channel.
        channels: 1 or 2.
        loudness: integrated, LUFS; minus infinity for silence.
    """

    samples: int
    channels: int
    loudness: float


@dataclasses.dataclass(frozen=True)
class Refusal:
    """A song that is not decoded: a status of HTTP, and one sentence."""

    status: int
    message: str


# A fork also imports the program that was started, `coverband serve`: what that needs has to be there.
_PRELOADED = ["__main__", "pipelines.serving.lifecycle"]


class TooLong(Exception):
    """A song that is longer than allowed."""


FAILED = Refusal(400, "the song could not be decoded with the time and memory that it may take")


def run(order: Order, clock_seconds: float, unwanted: threading.Event) -> Decoded | Refusal:
    """Decodes an upload in a process of its own, and waits for its end.

    Args:
        order: the upload and its limits.
        clock_seconds: after which the process is killed.
        unwanted: set by another thread when nobody waits for the song any more; then it is killed, too.
    """
    until = time.monotonic() + clock_seconds
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_main, args=(order, theirs), daemon=True)
    with ours:
        try:
            with theirs:
                process.start()
        except (EOFError, OSError):  # no memory for a fork, for instance
            return FAILED
        try:
            while not ours.poll(_GLANCE_SECONDS):
                if unwanted.is_set() or time.monotonic() > until:
                    return FAILED
            return _read(ours.recv_bytes(_ANSWER_BYTES))
        except (EOFError, OSError):  # it died
            return FAILED
        finally:
            process.kill()
            process.join()
            process.close()


def _read(answer: bytes) -> Decoded | Refusal:
    """The outcome, of JSON: nothing that comes from a process with an unknown file is trusted further."""
    try:
        fields = json.loads(answer)
    except (ValueError, RecursionError):
        return FAILED
    match fields:
        case {"status": 400 | 413 | 415 as status, "message": str(message)}:
            return Refusal(int(status), message)
        case {"samples": int(samples), "channels": 1 | 2 as channels, "loudness": float(loudness)}:
            return Decoded(samples, int(channels), loudness) if samples >= 0 else FAILED
    return FAILED


def _main(order: Order, answer: Connection) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.setsid()  # Ctrl-C is for the server, which then lets it finish
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit(order)
    answer.send_bytes(json.dumps(dataclasses.asdict(_outcome(order))).encode())


def _outcome(order: Order) -> Decoded | Refusal:
    try:
        return _decode(order)
    except UserError as error:
        message = str(error).replace(str(order.source), "the song")
        return Refusal(415 if isinstance(error, NotAudioError) else 400, message)
    except TooLong:
        minutes = f"{order.seconds / 60:g} minutes"
        return Refusal(
            413, f"the song is longer than the {minutes} that are taken (coverband serve --minutes)"
        )
    except (MemoryError, OSError, ValueError, RuntimeError):
        return Refusal(400, "the song cannot be decoded: convert it again")


def _decode(order: Order) -> Decoded:
    channels, rate = files.info(order.source).channels, order.sample_rate
    meter, samples = LoudnessMeter(rate, channels), 0
    with order.target.open("wb") as file:
        # Of a song that is damaged, the client hears what is left.
        for block in files.blocks(order.source, rate, _BLOCK_SECONDS, on_damage=lambda damage: None):
            samples += len(block)
            if samples > rate * order.seconds:
                raise TooLong
            meter.add(block)
            file.write(block.astype("<f4").tobytes())
    return Decoded(samples, channels, float(meter.integrated()))


def _limit(order: Order) -> None:
    """Limits from now on: what Python and its libraries have taken already is not counted."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    spent = resource.getrusage(resource.RUSAGE_SELF)
    frame_bytes = 2 * np.dtype(np.float32).itemsize
    _lower(resource.RLIMIT_AS, used + order.memory_bytes)
    _lower(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime) + order.cpu_seconds)
    _lower(
        resource.RLIMIT_FSIZE, round(order.sample_rate * (order.seconds + 2 * _BLOCK_SECONDS)) * frame_bytes
    )
    _lower(resource.RLIMIT_CORE, 0)


def _lower(kind: int, limit: int) -> None:
    hard = resource.getrlimit(kind)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (limit, limit))
