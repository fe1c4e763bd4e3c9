"""Clocks of live translation: sound devices, and files that are played through in real time."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib
import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from pipelines.audio import files
from pipelines.errors import UserError
from pipelines.inference.live.worker import LiveWorker

PACKAGE = "sounddevice"

_Heard = queue.SimpleQueue[np.ndarray | Exception | None]
"""Queue of chunks that a device's thread has played; then an error, or None for the end."""


@dataclasses.dataclass(frozen=True)
class Song:
    """Song as the source of a stream.

    Attributes:
        path: of the file.
        sample_rate: Hz.
        chunk: samples of a chunk.
    """

    path: Path
    sample_rate: int
    chunk: int

    @functools.cached_property
    def channels(self) -> int:
        """Channels of the chunks, 1 or 2."""
        return files.info(self.path).channels

    def chunks(self, silence: int) -> Iterator[np.ndarray]:
        """The song, and as many samples of silence, float32 [samples, channels]."""
        yield from files.blocks(self.path, self.sample_rate, self.chunk / self.sample_rate)
        for done in range(0, silence, self.chunk):
            yield np.zeros((min(self.chunk, silence - done), self.channels), np.float32)


class Clock(Protocol):
    """Clock of a stream.

    Attributes:
        channels: of the source, 1 or 2.
        latency: seconds of delay that it adds.
    """

    channels: int
    latency: float

    def run(self, worker: LiveWorker) -> Iterator[np.ndarray]:
        """Chunks of what is heard, each at its time: float32 [samples, channels]."""
        ...


class FileClock:
    """Clock that paces a song by the computer's time; nothing is heard but what it yields."""

    def __init__(self, song: Song) -> None:
        """Creates a clock; it starts with `run`."""
        self._song, self.channels, self.latency = song, song.channels, 0.0

    def run(self, worker: LiveWorker) -> Iterator[np.ndarray]:
        """See `Clock.run`; a chunk is given when its last sample would have been recorded."""
        due = time.monotonic()
        for chunk in self._song.chunks(worker.delay):
            due += len(chunk) / self._song.sample_rate
            time.sleep(max(0.0, due - time.monotonic()))
            yield worker.exchange(chunk, due)


class SoundDevice:
    """Clock of a sound device, which plays what is heard and may record the source."""

    def __init__(self, name: str | None, sample_rate: int, chunk: int, song: Song | None = None) -> None:
        """Finds the device.

        Args:
            name: number or part of the name; None for the system's.
            sample_rate: Hz.
            chunk: samples of a chunk.
            song: the source; None to record it.

        Raises:
            UserError: if sounddevice is not installed, or there is no such device.
        """
        self._sounddevice = _sounddevice()
        self._name = int(name) if name and name.isdecimal() else name
        self._rate, self._chunk, self._song = sample_rate, chunk, song
        self.latency = 0.0
        self._outputs = self._channels("output")
        self.channels = song.channels if song else self._channels("input")

    def run(self, worker: LiveWorker) -> Iterator[np.ndarray]:
        """See `Clock.run`.

        Raises:
            UserError: if the device does not work.
        """
        heard: _Heard = queue.SimpleQueue()
        with contextlib.ExitStack() as stack:
            try:
                stream = stack.enter_context(self._stream(worker, heard))
            except (self._sounddevice.PortAudioError, ValueError) as error:
                raise UserError(
                    f"the sound device does not work at {self._rate} Hz, the sample rate of the model "
                    f"({error}): name another with --device"
                ) from error
            self.latency = float(np.sum(stream.latency))
            while (found := heard.get()) is not None:
                if isinstance(found, Exception):
                    raise found
                yield found

    def _stream(self, worker: LiveWorker, heard: _Heard) -> Any:
        """Stream of the device, a context manager; its thread calls `_exchange` for every chunk."""
        exchange = functools.partial(self._exchange, worker, heard)
        options = {
            "samplerate": self._rate,
            "blocksize": self._chunk,
            "device": self._name,
            "dtype": "float32",
        }
        if self._song is None:
            return self._sounddevice.Stream(
                channels=(self.channels, self._outputs),
                callback=lambda source, output, _, __, status: exchange(
                    lambda: _finite(source), output, status
                ),
                **options,
            )
        chunks = self._song.chunks(worker.delay)
        return self._sounddevice.OutputStream(
            channels=self._outputs,
            callback=lambda output, _, __, status: exchange(lambda: next(chunks, None), output, status),
            **options,
        )

    def _exchange(
        self,
        worker: LiveWorker,
        heard: _Heard,
        source: Callable[[], np.ndarray | None],
        output: np.ndarray,
        status: Any,
    ) -> None:
        """Callback of the device's thread for a chunk of the source; None is its end."""
        output[:] = 0
        try:
            chunk = source()
            found = None if chunk is None else worker.exchange(chunk, time.monotonic())
        except Exception as error:  # of any kind: it is raised in the other thread
            heard.put(error)
            raise self._sounddevice.CallbackAbort from error
        heard.put(found)
        if found is None:
            raise self._sounddevice.CallbackStop
        if status:
            worker.count_dropout(is_gap=True)
        fits = found.shape[1] == output.shape[1]
        output[: len(found)] = found if fits else found.mean(axis=1, keepdims=True)

    def _channels(self, kind: str) -> int:
        """Channels of the device, 1 or 2.

        Args:
            kind: input or output.
        """
        try:
            found = self._sounddevice.query_devices(self._name, kind)
        except (self._sounddevice.PortAudioError, ValueError) as error:
            named = f" {self._name!r}" if self._name is not None else ""
            raise UserError(
                f"there is no sound device{named} for {kind} ({error}): name another with --device, or play "
                "a file with --input SONG --clock file"
            ) from error
        return min(found[f"max_{kind}_channels"], 2)


def _finite(recorded: np.ndarray) -> np.ndarray:
    """Copy of what a device has recorded; numbers that no sound has would stay in the running levels."""
    return np.clip(np.nan_to_num(recorded, posinf=0.0, neginf=0.0), -1.0, 1.0)


def _sounddevice() -> Any:
    try:
        return importlib.import_module(PACKAGE)
    except ImportError as error:
        raise UserError('sound devices need sounddevice: pip install "coverband[live]"') from error
    except OSError as error:  # of its library, which some systems have to install
        raise UserError(f"{PACKAGE} does not find PortAudio ({error}): apt install libportaudio2") from error
