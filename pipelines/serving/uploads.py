"""Bodies of requests, saved into files whose names the server chooses."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator
from pathlib import Path

from python_multipart.exceptions import FormParserError
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from pipelines.serving.http_errors import HttpError
from pipelines.serving.limits import MEGABYTE

_READ_BYTES = 1 << 20


@dataclasses.dataclass(frozen=True)
class SizeLimit:
    """Limit on the size of a request's body.

    Attributes:
        bytes: of the body.
        flag: of `coverband serve` that sets it.
    """

    bytes: int
    flag: str

    def require(self, size: int) -> None:
        """Checks a size.

        Raises:
            HttpError: with 413, if it exceeds the limit.
        """
        if size > self.bytes:
            limit = f"{self.bytes / MEGABYTE:g} MB that are accepted (coverband serve {self.flag})"
            raise HttpError(413, f"the request is larger than the {limit}")


async def save(request: Request, path: Path, size: SizeLimit, seconds: float) -> None:
    """Saves the body of a request.

    Args:
        request: its body is the file, or a form with one file.
        path: file to write.
        size: limit on the body.
        seconds: longest pause of the client.

    Raises:
        HttpError: if it is too large, too slow, or a form without a file.
    """
    is_form = request.headers.get("content-type", "").lower().startswith("multipart/form-data")
    chunks = _file_of_form(request, size, seconds) if is_form else _body(request, size, seconds)
    with path.open("wb") as file:
        async for chunk in chunks:
            file.write(chunk)


async def _body(request: Request, size: SizeLimit, seconds: float) -> AsyncGenerator[bytes, None]:
    """Chunks of the body; see `save` for the errors."""
    size.require(int(request.headers.get("content-length") or 0))
    stream, received = request.stream(), 0
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream), seconds)
        except StopAsyncIteration:
            return
        except asyncio.TimeoutError as error:
            raise HttpError(408, f"no data for {seconds:g} s: send it again") from error
        except ClientDisconnect as error:
            raise HttpError(400, "the request is incomplete") from error
        received += len(chunk)
        size.require(received)
        yield chunk


async def _file_of_form(request: Request, size: SizeLimit, seconds: float) -> AsyncGenerator[bytes, None]:
    """Chunks of the only file of a form; its name is ignored."""
    try:
        form = await MultiPartParser(
            request.headers, _body(request, size, seconds), max_files=1, max_fields=8
        ).parse()
    except (MultiPartException, FormParserError, ValueError, KeyError) as error:
        raise HttpError(400, "the form cannot be read: send the song as its one file") from error
    try:
        files = [value for value in form.values() if not isinstance(value, str)]
        if not files:
            raise HttpError(400, "the form contains no file: send the song as its one file")
        while chunk := await files[0].read(_READ_BYTES):
            yield chunk
    finally:
        await form.close()
