"""The server's end of decoding: one process for each upload, ended when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import math
import os
import sys
from pathlib import Path
from typing import Any

from tools.serving.limits import Limits
from tools.serving.refusals import Refused

# How the formats begin that can be read. Which one it is, the file itself says, and not its name.
_BEGINNINGS = {b"RIFF": ".wav", b"fLaC": ".flac", b"OggS": ".ogg", b"ID3": ".mp3"}
_MP3_SYNC = 0xFFE0


@dataclasses.dataclass(frozen=True)
class Song:
    """A decoded song.

    Attributes:
        path: float32 samples, little-endian, channels interleaved.
        samples: for each channel.
        channels: 1 or 2.
        sample_rate: Hz.
        loudness: integrated, LUFS; minus infinity for silence.
    """

    path: Path
    samples: int
    channels: int
    sample_rate: int
    loudness: float

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.samples / self.sample_rate


async def decode(upload: Path, folder: Path, sample_rate: int, limits: Limits) -> Song:
    """Decodes an upload.

    Args:
        upload: the file; it is renamed.
        folder: where the samples go.
        sample_rate: wanted, Hz.
        limits: of the server.

    Raises:
        Refused: with 4xx, if it is no song, damaged or too long, or takes too much time or memory.
    """
    source, target = upload.with_name(f"song{_suffix(upload)}"), folder / "samples"
    upload.rename(source)
    numbers = (sample_rate, limits.song_seconds, limits.decode_bytes, limits.decode_seconds)
    found = await _run([str(source), str(target), *map(str, numbers)], 2.0 * limits.decode_seconds)
    source.unlink()
    if "error" in found:
        raise Refused(found["status"], found["error"])
    loudness = -math.inf if found["loudness"] is None else found["loudness"]
    return Song(target, found["samples"], found["channels"], sample_rate, loudness)


def _suffix(upload: Path) -> str:
    with upload.open("rb") as file:
        head = file.read(4)
    for beginning, suffix in _BEGINNINGS.items():
        if head.startswith(beginning):
            return suffix
    if int.from_bytes(head[:2], "big") & _MP3_SYNC == _MP3_SYNC:
        return ".mp3"
    raise Refused(415, "the song is neither wav, flac, mp3 nor ogg: convert it to one of them")


async def _run(arguments: list[str], seconds: float) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tools.serving.decode", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), seconds)
        return json.loads(out)
    except (asyncio.TimeoutError, ValueError) as error:
        raise Refused(
            400, "the song could not be decoded with the time and memory that it may take"
        ) from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
