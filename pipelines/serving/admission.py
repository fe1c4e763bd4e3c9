"""Admission control: limits the number of concurrent requests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pipelines.serving.http_errors import HttpError

_RETRY_SECONDS = 5


class AdmissionControl:
    """Counter of concurrent requests with a limit.

    Attributes:
        active: number of requests in progress.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.active = 0

    @contextlib.contextmanager
    def admit(self) -> Iterator[None]:
        """Context of one request in progress.

        Raises:
            HttpError: with 503, if the limit is reached.
        """
        if self.active >= self._limit:
            raise HttpError(503, "the server is at its limit of requests: try again later", _RETRY_SECONDS)
        self.active += 1
        try:
            yield
        finally:
            self.active -= 1
