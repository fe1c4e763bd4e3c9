"""Bodies of requests: small JSON objects, and songs."""

from __future__ import annotations

import json
import math
import typing
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any, Literal

from starlette.requests import Request

from coverband.studio.song_check import require_song
from coverband.studio.studio import Studio
from pipelines.errors import UserError
from pipelines.serving import uploads
from pipelines.serving.http_errors import HttpError

_JSON_BYTES = 1 << 16


async def read_json(request: Request) -> Mapping[str, Any]:
    """JSON object of a request.

    Raises:
        HttpError: with 400 or 413, if there is none.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _JSON_BYTES:
            raise HttpError(413, "the request is too large")
    try:
        values = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise HttpError(400, "the request is no JSON object") from error
    if not isinstance(values, dict):
        raise HttpError(400, "the request is no JSON object")
    return values


def require(name: str, value: object, kind: Any) -> Any:
    """A value of a type.

    Args:
        name: of the value, in the sentence.
        value: as it came.
        kind: str, bool, a literal, or a number with its bounds, see `schemas.Between`.

    Raises:
        UserError: if it is none.
    """
    if typing.get_origin(kind) is Annotated:
        _, bounds = typing.get_args(kind)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            value = math.nan
        if not bounds.lowest <= value <= bounds.highest:
            raise UserError(f"{name} has to be a number from {bounds.lowest:g} to {bounds.highest:g}")
        return float(value)
    if typing.get_origin(kind) is Literal:
        choices = typing.get_args(kind)
        if not isinstance(value, str) or value not in choices:
            raise UserError(f"{name} has to be one of {', '.join(map(repr, choices))}")
        return value
    if kind is bool:
        if not isinstance(value, bool):
            raise UserError(f"{name} has to be true or false")
        return value
    if not isinstance(value, str):
        raise UserError(f"{name} has to be a text")
    return value


async def save_song(
    studio: Studio, request: Request, name: str, target: AbstractContextManager[Path]
) -> None:
    """Saves the song that is the body of a request.

    Args:
        studio: its limits apply.
        request: its body is the file.
        name: of the song in messages.
        target: context manager of the file to write, which it discards after an error.

    Raises:
        HttpError: if it is too large, too slow, or no song.
        OSError: if the disk is full.
    """
    with target as path:
        await uploads.save(request, path, studio.upload, studio.pause_seconds)
        await require_song(path, name)
