"""Signals that end a process, which then leaves no unfinished files behind."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from typing import NoReturn

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def exit_on_signals() -> Iterator[None]:
    """Context manager in which SIGTERM and SIGHUP, where they would kill this process, raise SystemExit.

    Only in the main thread; others have no signal handlers.
    """
    is_main = threading.current_thread() is threading.main_thread()
    fatal = [number for number in _SIGNALS if is_main and signal.getsignal(number) is signal.SIG_DFL]
    try:
        for number in fatal:
            signal.signal(number, _exit)
        yield
    finally:
        for number in fatal:
            signal.signal(number, signal.SIG_DFL)


def _exit(number: int, frame: object) -> NoReturn:
    """Handler of a signal; the code is that of a shell."""
    sys.exit(128 + number)
