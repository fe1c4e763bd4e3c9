"""HTTP error for a request that is not granted: a status and one sentence for the client."""

from __future__ import annotations


class Refused(Exception):
    """A request that is not granted.

    The message is shown to the client, as TensorFlow Serving does it: {"error": message}.
    """

    def __init__(self, status: int, message: str, retry_after: int | None = None) -> None:
        """States why.

        Args:
            status: of HTTP, 400 to 599.
            message: one sentence.
            retry_after: seconds after which it may be granted.
        """
        super().__init__(message)
        self.status, self.message, self.retry_after = status, message, retry_after
