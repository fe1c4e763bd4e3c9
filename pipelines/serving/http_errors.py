"""HTTP error of a rejected request: a status and one sentence for the client."""

from __future__ import annotations


class HttpError(Exception):
    """Rejection of a request.

    The response has the form of TensorFlow Serving: {"error": message}.
    """

    def __init__(self, status: int, message: str, retry_after: int | None = None) -> None:
        """Creates the error.

        Args:
            status: HTTP status, 400 to 599.
            message: one sentence.
            retry_after: seconds after which the client may retry; None for no such header.
        """
        super().__init__(message)
        self.status, self.message, self.retry_after = status, message, retry_after
