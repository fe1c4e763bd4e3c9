"""Messages between the server and its workers: a JSON header and bytes, over pipes; nothing is pickled."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import IO, Any

_LENGTHS = struct.Struct("<IQ")
"""Bytes of the header and of the content."""

Header = dict[str, Any]
Message = tuple[Header, bytes]


def packed(header: Header, content: bytes = b"") -> bytes:
    """A whole message."""
    plain = json.dumps(header).encode()
    return _LENGTHS.pack(len(plain), len(content)) + plain + content


def send(pipe: IO[bytes], header: Header, content: bytes = b"") -> None:
    """Writes a message and flushes it."""
    pipe.write(packed(header, content))
    pipe.flush()


def receive(pipe: IO[bytes]) -> Message | None:
    """Waits for a message; None when the other side has gone."""
    lengths = pipe.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header, content = (pipe.read(count) for count in _LENGTHS.unpack(lengths))
    return json.loads(header), content


async def receive_async(pipe: asyncio.StreamReader) -> Message:
    """Waits for a message.

    Raises:
        asyncio.IncompleteReadError: when the other side has gone.
    """
    header, content = _LENGTHS.unpack(await pipe.readexactly(_LENGTHS.size))
    return json.loads(await pipe.readexactly(header)), await pipe.readexactly(content)
