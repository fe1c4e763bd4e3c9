"""Streams of blocks of float32 [samples, channels], cut without a whole song in memory."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np

from pipelines.audio import files

BLOCK_SECONDS = 10.0
"""Length of the blocks in which a song is decoded and written."""

Stream = Callable[[], Iterator[np.ndarray]]
"""Function that starts a stream of blocks again from its beginning."""


@dataclasses.dataclass(frozen=True)
class Signal:
    """Stream with a name.

    Attributes:
        name: for error messages, such as its path.
        stream: blocks of `BLOCK_SECONDS` but the last, float32 [samples, channels].
    """

    name: str
    stream: Stream

    @classmethod
    def from_file(
        cls, path: Path, sample_rate: int, on_damage: files.OnDamage = files.report_damage
    ) -> Signal:
        """Signal of a file.

        Args:
            path: anything that FFmpeg reads.
            sample_rate: of the blocks, Hz.
            on_damage: see `files.blocks`; called each time the stream is read.
        """
        stream = functools.partial(files.blocks, path, sample_rate, BLOCK_SECONDS, on_damage=on_damage)
        return cls(str(path), stream)


@contextlib.contextmanager
def read_once(signal: Signal, sample_rate: int, folder: Path | None = None) -> Iterator[Signal]:
    """Context manager of a signal that is decoded once, into a temporary file, for several passes.

    Args:
        signal: the signal.
        sample_rate: Hz.
        folder: for the file, which vanishes with a kill; None for that of the system.

    Raises:
        UserError: if the signal cannot be read.
        OSError: if the disk is full or protected.
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        channels = 0
        for block in signal.stream():
            channels = block.shape[1]
            write_block(file, block)
        size = block_size(sample_rate)
        yield dataclasses.replace(signal, stream=functools.partial(read_blocks, file, channels, size))


def write_block(file: IO[bytes], block: np.ndarray) -> None:
    """Appends a block [samples, channels] to a file of interleaved little-endian float32."""
    file.write(block.astype("<f4").tobytes())


def read_blocks(file: IO[bytes], channels: int, size: int) -> Iterator[np.ndarray]:
    """Blocks of a file of interleaved little-endian float32, of `size` samples but the last; at least one.

    One iterator at a time: they share the position in the file.
    """
    length = channels * np.dtype("<f4").itemsize * size
    file.seek(0)
    chunk = file.read(length)
    yield np.frombuffer(chunk, "<f4").reshape(-1, channels)
    while chunk := file.read(length):
        yield np.frombuffer(chunk, "<f4").reshape(-1, channels)


def overlapping_segments(
    blocks: Iterator[np.ndarray], spans: list[tuple[int, int]], before: int
) -> Iterator[np.ndarray]:
    """Overlapping segments of a stream, in the memory of one segment and one block.

    Args:
        blocks: float32 [samples, channels], at least one.
        spans: (first, one past last) sample of every segment, both in non-decreasing order, of the stream
            padded by `before` zeros in front and by zeros at its end.
        before: number of zeros.

    Yields:
        float32 [last - first, channels].
    """
    first_block = next(blocks)
    buffer = np.concatenate([np.zeros((before, first_block.shape[1]), np.float32), first_block])
    offset = 0
    for first, last in spans:
        buffer, offset = buffer[first - offset :], first
        chunks = [buffer]
        while sum(map(len, chunks)) < last - first and (block := next(blocks, None)) is not None:
            chunks.append(block)
        buffer = np.concatenate(chunks)
        missing = max(last - first - len(buffer), 0)
        yield np.pad(buffer[: last - first], ((0, missing), (0, 0)))


def block_size(sample_rate: int) -> int:
    """Samples of a block."""
    return max(1, round(BLOCK_SECONDS * sample_rate))


def block_spans(samples: int, size: int, *, start: int = 0, after: int = 0) -> list[tuple[int, int]]:
    """Spans (first, one past last) of the blocks of a stream.

    Args:
        samples: length of the stream.
        size: of every block but the last.
        start: of the first span.
        after: further samples of every span, which overlap the next ones.
    """
    return [(start + first, start + min(first + size, samples) + after) for first in range(0, samples, size)]


def array_blocks(samples: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Blocks of an array [samples, channels], of `size` samples but the last; of an empty array, one."""
    return (samples[first : first + size] for first in range(0, max(len(samples), 1), size))
