"""Thread that translates a stream in time, and the dropouts when it is late."""

from __future__ import annotations

import collections
import math
import queue
import threading
import time

import numpy as np

from pipelines.inference.live.stream import LiveStream

MAX_BEHIND = 2
"""Multiple of the headroom by which the thread may be late; then it gets nothing until it has caught up."""


class LiveWorker:
    """Thread that translates a stream; a clock gives and takes samples without waiting for it.

    Sound that is not ready when it is due is replaced by silence, and left out when it comes, so that the
    delay stays the same.

    Attributes:
        delay: of the sound, samples.
        dropouts: number of gaps so far.
        silence: samples in the gaps.
        translated: samples that were translated.
        busy: seconds that this took.
    """

    def __init__(self, stream: LiveStream, headroom: int) -> None:
        """Starts the thread.

        Args:
            stream: the stream.
            headroom: samples of further delay, within which a block has to be translated.
        """
        self.delay = stream.delay + headroom
        self.dropouts = self.silence = self.translated = 0
        self.busy = 0.0
        self._stream = stream
        self._max_behind = MAX_BEHIND * headroom
        self._given = 0
        self._late = 0
        self._is_gap = self._is_overloaded = False
        self._error: Exception | None = None
        self._input: queue.SimpleQueue[np.ndarray | None] = queue.SimpleQueue()
        # Blocks with the times at which they were ready; deques are safe to use in two threads.
        silence = np.zeros((headroom, stream.channels), np.float32)
        self._output = collections.deque([(-math.inf, silence)])
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def exchange(self, samples: np.ndarray, due: float) -> np.ndarray:
        """Gives samples and takes as many.

        Args:
            samples: float32 [samples, channels].
            due: time, by `time.monotonic`, at which the returned ones have to be ready.

        Raises:
            Exception: that ended the thread.
        """
        if self._error:
            raise self._error
        self._give(samples)
        self._late -= len(self._ready(self._late, due))
        found = self._ready(len(samples), due)
        missing = len(samples) - len(found)
        self._late += missing
        self.silence += missing
        self.count_dropout(is_gap=missing > 0)
        return np.pad(found, ((0, missing), (0, 0)))

    def count_dropout(self, *, is_gap: bool) -> None:
        """Counts one more dropout if a gap begins."""
        self.dropouts += is_gap and not self._is_gap
        self._is_gap = is_gap

    def close(self) -> None:
        """Ends the thread after what it has been given."""
        self._input.put(None)
        self._thread.join()

    def _give(self, samples: np.ndarray) -> None:
        """Gives samples to the thread, or leaves them out if it is overloaded."""
        behind = self._given - self.translated
        self._is_overloaded = behind > self._max_behind or (self._is_overloaded and behind > 0)
        if self._is_overloaded:
            self._late -= len(samples)  # they will not come, and so must not be left out when they do
        else:
            self._given += len(samples)
            self._input.put(samples)

    def _ready(self, count: int, due: float) -> np.ndarray:
        """At most `count` samples that were ready at a time; they are taken out."""
        taken = [np.zeros((0, self._stream.channels), np.float32)]
        while count > 0 and self._output and self._output[0][0] <= due:
            ready, block = self._output.popleft()
            if len(block) > count:
                self._output.appendleft((ready, block[count:]))
            taken.append(block[:count])
            count -= len(taken[-1])
        return np.concatenate(taken)

    def _run(self) -> None:
        while (samples := self._input.get()) is not None:
            began = time.monotonic()
            try:
                found = self._stream.push(samples)
            except Exception as error:  # of any kind: it is raised in the other thread
                self._error = error
                return
            ready = time.monotonic()
            self._output.append((ready, found))
            self.busy += ready - began
            self.translated += len(samples)
