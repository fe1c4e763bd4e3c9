"""Bodies of requests: small JSON objects, and songs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

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


def number(values: Mapping[str, Any], name: str, default: float, lowest: float, highest: float) -> float:
    """Number of a JSON object.

    Raises:
        UserError: if it is none, or out of bounds.
    """
    value = values.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        value = math.nan
    if not lowest <= value <= highest:
        raise UserError(f"{name} has to be a number from {lowest:g} to {highest:g}")
    return float(value)


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
