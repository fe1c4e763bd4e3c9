"""Malformed songs in every container: truncated, overwritten, with wrong headers or random content."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tools.benchmarks import encoding

_HEADER_BYTES = 64
_WRONG_NUMBERS = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def cases(count: int, seed: int) -> Iterator[bytes]:
    """Request bodies with malformed songs.

    Args:
        count: number of bodies.
        seed: random seed.

    Yields:
        Songs of one second in every container of `tools.benchmarks.encoding`, damaged in one of four ways.
    """
    generator = np.random.default_rng(seed)
    songs = [_song(suffix) for suffix in encoding.SUFFIXES]
    damages = (_truncated, _overwritten, _wrong_header, _random_content)
    for index in range(count):
        damage = damages[index // len(songs) % len(damages)]
        yield damage(songs[index % len(songs)], generator)


def _song(suffix: str) -> bytes:
    time = np.arange(encoding.SAMPLE_RATE) / encoding.SAMPLE_RATE
    tone = (0.3 * np.sin(2 * np.pi * 330 * time)).astype(np.float32)
    return encoding.encoded(suffix, np.stack([tone, tone], axis=1))


def _truncated(song: bytes, generator: np.random.Generator) -> bytes:
    return song[: generator.integers(len(song))]


def _overwritten(song: bytes, generator: np.random.Generator) -> bytes:
    """Song with some bytes overwritten."""
    damaged = np.frombuffer(song, np.uint8).copy()
    positions = generator.integers(len(damaged), size=generator.integers(1, 200))
    damaged[positions] = generator.integers(256, size=len(positions))
    return damaged.tobytes()


def _wrong_header(song: bytes, generator: np.random.Generator) -> bytes:
    """Song with one wrong number in the header."""
    position = int(generator.integers(4, _HEADER_BYTES))
    order = "little" if song.startswith(b"RIFF") else "big"
    number = int(generator.choice(_WRONG_NUMBERS)).to_bytes(4, order)  # type: ignore[arg-type]
    return song[:position] + number + song[position + 4 :]


def _random_content(song: bytes, generator: np.random.Generator) -> bytes:
    """Beginning of a song, followed by random bytes."""
    return song[: generator.integers(4, 40)] + generator.bytes(int(generator.integers(10_000)))
