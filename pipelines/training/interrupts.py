"""Ctrl-C and SIGTERM as a question that the training loop asks between two steps."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

from pipelines import console


class Interrupts:
    """A context in which the first Ctrl-C or SIGTERM only sets a mark; the second one acts as ever.

    Attributes:
        received: the signal's number, None so far.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        # Python lets only the main thread set handlers; elsewhere the caller's own apply.
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._mark) for number in self.SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _mark(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        self._restore()
        console.say("stopping after this step, to save; once more stops at once, without saving")

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}
