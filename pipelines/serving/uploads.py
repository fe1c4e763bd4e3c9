"""Bodies of requests, saved into files whose names the server chooses."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from pipelines.serving.http_errors import HttpError
from pipelines.serving.limits import MEGABYTE
from pipelines.stems.files import Role, Stem

_READ_BYTES = 1 << 20
_ONE_FILE = "send the song as its one file"
_SONG_FILES = "send the song as its one file, or with its stem, named vocals or instrumental"


@dataclasses.dataclass(frozen=True)
class SizeLimit:
    """Limit on the size of a request's body.

    Attributes:
        bytes: of the body.
        flag: command and flag that set it, such as "coverband serve --megabytes".
    """

    bytes: int
    flag: str

    def require(self, size: int) -> None:
        """Checks a size.

        Raises:
            HttpError: with 413, if it exceeds the limit.
        """
        if size > self.bytes:
            limit = f"{self.bytes / MEGABYTE:g} MB that are accepted ({self.flag})"
            raise HttpError(413, f"the request is larger than the {limit}")


@dataclasses.dataclass(frozen=True)
class SongUpload:
    """Saved song of a request, with its stem.

    Attributes:
        song: the song's file.
        stem: the voice or the accompaniment of the song, or None.
    """

    song: Path
    stem: Stem | None


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
    if not _is_form(request):
        await _save_body(request, path, size, seconds)
        return
    async with _form(request, size, size, seconds, max_files=1) as form:
        files = [value for value in form.values() if isinstance(value, UploadFile)]
        if not files:
            raise HttpError(400, f"the form contains no file: {_ONE_FILE}")
        await _copy(files[0], path)


async def save_song(request: Request, folder: Path, size: SizeLimit, seconds: float) -> SongUpload:
    """Saves the song of a request, and its stem.

    Args:
        request: its body is the song's file, or a form with the song's file, whatever its name, and at most
            one stem, which has the name of its role.
        folder: for the files.
        size: limit on each file.
        seconds: longest pause of the client.

    Raises:
        HttpError: if a file is too large, the client too slow, or the form contains no song, or several, or
            both stems.
    """
    song = folder / "song"
    if not _is_form(request):
        await _save_body(request, song, size, seconds)
        return SongUpload(song, None)
    both = SizeLimit(2 * size.bytes, size.flag)
    async with _form(request, both, size, seconds, max_files=1 + len(Role)) as form:
        files = _song_files(form)
        await _copy(files[None], song)
        for role in Role:
            if role in files:
                await _copy(files[role], folder / "stem")
                return SongUpload(song, Stem(folder / "stem", role))
    return SongUpload(song, None)


def _song_files(form: FormData) -> dict[Role | None, UploadFile]:
    """Files of a form by the role of a stem, None for the song."""
    roles, files = {role.value: role for role in Role}, {}
    for name, value in form.multi_items():
        role = roles.get(name)
        if not isinstance(value, UploadFile):
            if role is not None and value:
                raise HttpError(400, f"{name} has to be a file: send it with a file name")
            continue
        if role is not None and not value.filename and not value.size:
            continue  # a browser sends an input without a choice as an empty file
        if role in files:
            several = "songs" if role is None else f"{name} stems"
            raise HttpError(400, f"the form contains several {several}: {_SONG_FILES}")
        files[role] = value
    if None not in files:
        raise HttpError(400, f"the form contains no {'song' if files else 'file'}: {_SONG_FILES}")
    if len(files) > 2:
        raise HttpError(400, "vocals and instrumental are two names of one division: send one of the stems")
    return files


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def _save_body(request: Request, path: Path, size: SizeLimit, seconds: float) -> None:
    with path.open("wb") as file:
        async for chunk in _body(request, size, seconds):
            file.write(chunk)


async def _copy(upload: UploadFile, path: Path) -> None:
    with path.open("wb") as file:
        while chunk := await upload.read(_READ_BYTES):
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


class _Parser(MultiPartParser):
    """Parser of a form with a limit on each part."""

    def __init__(self, *arguments: Any, part_size: SizeLimit, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._part_size, self._received = part_size, 0

    def on_part_begin(self) -> None:
        super().on_part_begin()
        self._received = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._received += end - start
        self._part_size.require(self._received)
        super().on_part_data(data, start, end)


@contextlib.asynccontextmanager
async def _form(
    request: Request, size: SizeLimit, part_size: SizeLimit, seconds: float, *, max_files: int
) -> AsyncIterator[FormData]:
    """Context of a form, whose files are closed at its end.

    Args:
        request: its body is the form.
        size: limit on the body.
        part_size: limit on each file.
        seconds: longest pause of the client.
        max_files: largest number of files.
    """
    body = _body(request, size, seconds)
    parser = _Parser(request.headers, body, part_size=part_size, max_files=max_files, max_fields=8)
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError, ValueError, KeyError) as error:
        advice = _ONE_FILE if max_files == 1 else _SONG_FILES
        raise HttpError(400, f"the form cannot be read: {advice}") from error
    try:
        yield form
    finally:
        await form.close()
