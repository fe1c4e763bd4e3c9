"""Messages between the server and its workers: a JSON header and bytes, over pipes; nothing is pickled."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import IO, Any

TRANSLATE = "play"
"""Kind of a request for a window of a song. The value is also a label of /metrics, whose names are public."""
PREDICT = "predict"
"""Kind of a request for predictions; likewise a label of /metrics."""

Header = dict[str, Any]
Message = tuple[Header, bytes]

_LENGTHS = struct.Struct("<IQ")
"""Lengths of the header and of the content, bytes."""


def encode(header: Header, content: bytes = b"") -> bytes:
    """A message as bytes."""
    text = json.dumps(header).encode()
    return _LENGTHS.pack(len(text), len(content)) + text + content


def send(pipe: IO[bytes], header: Header, content: bytes = b"") -> None:
    """Writes a message and flushes the pipe."""
    pipe.write(encode(header, content))
    pipe.flush()


def receive(pipe: IO[bytes]) -> Message | None:
    """Waits for a message; None when the pipe is closed."""
    lengths = pipe.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header, content = (pipe.read(length) for length in _LENGTHS.unpack(lengths))
    return json.loads(header), content


async def receive_async(pipe: asyncio.StreamReader) -> Message:
    """Waits for a message.

    Raises:
        asyncio.IncompleteReadError: when the pipe is closed.
    """
    header, content = _LENGTHS.unpack(await pipe.readexactly(_LENGTHS.size))
    return json.loads(await pipe.readexactly(header)), await pipe.readexactly(content)
