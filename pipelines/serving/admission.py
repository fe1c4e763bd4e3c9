"""Admission control: limits the number of concurrent requests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pipelines.serving.http_errors import Refused

_RETRY_SECONDS = 5


class Door:
    """Counts those inside; when it is full, it says when to come back."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.inside = 0

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Inside for as long as the context lasts.

        Raises:
            Refused: with 503, if it is full.
        """
        if self.inside >= self._limit:
            raise Refused(503, "the server has as much to do as it takes on: try again later", _RETRY_SECONDS)
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1
