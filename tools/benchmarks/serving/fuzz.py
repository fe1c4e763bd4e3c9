"""Malformed songs in every container: cut off, overwritten, with headers that lie."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tools.benchmarks import encoding

_HEADER_BYTES = 64
_LIES = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def cases(count: int, seed: int) -> Iterator[bytes]:
    """Bodies of requests.

    Args:
        count: how many.
        seed: the same gives the same damage.

    Yields:
        Songs of a second in every container of `tools.benchmarks.encoding`, each damaged in one of four ways.
    """
    generator = np.random.default_rng(seed)
    songs = [_song(suffix) for suffix in encoding.SUFFIXES]
    ways = (_cut, _overwritten, _lying, _noise)
    for index in range(count):
        way = ways[index // len(songs) % len(ways)]
        yield way(songs[index % len(songs)], generator)


def _song(suffix: str) -> bytes:
    time = np.arange(encoding.SAMPLE_RATE) / encoding.SAMPLE_RATE
    tone = (0.3 * np.sin(2 * np.pi * 330 * time)).astype(np.float32)
    return encoding.encoded(suffix, np.stack([tone, tone], axis=1))


def _cut(song: bytes, generator: np.random.Generator) -> bytes:
    return song[: generator.integers(len(song))]


def _overwritten(song: bytes, generator: np.random.Generator) -> bytes:
    """Some bytes anywhere."""
    damaged = np.frombuffer(song, np.uint8).copy()
    places = generator.integers(len(damaged), size=generator.integers(1, 200))
    damaged[places] = generator.integers(256, size=len(places))
    return damaged.tobytes()


def _lying(song: bytes, generator: np.random.Generator) -> bytes:
    """One number of the header."""
    place = int(generator.integers(4, _HEADER_BYTES))
    order = "little" if song.startswith(b"RIFF") else "big"
    lie = int(generator.choice(_LIES)).to_bytes(4, order)  # type: ignore[arg-type]
    return song[:place] + lie + song[place + 4 :]


def _noise(song: bytes, generator: np.random.Generator) -> bytes:
    """A true beginning, and then anything."""
    return song[: generator.integers(4, 40)] + generator.bytes(int(generator.integers(10_000)))
