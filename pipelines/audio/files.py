"""Audio files in, whole or in blocks, at any sample rate; `Writer` (audio files out) is offered here, too."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.audio.damage import Damage
from pipelines.audio.decoding import AudioFile, resampled
from pipelines.audio.downmix import to_mono
from pipelines.audio.writer import SUFFIXES, Writer
from pipelines.errors import UserError

__all__ = ["SUFFIXES", "AudioInfo", "Writer", "blocks", "info", "read", "say_damage"]

OnDamage = Callable[[Damage], None]
"""Function that is given the damage of a file, if there is any, when the file has been decoded."""

_said: set[str] = set()


@dataclasses.dataclass(frozen=True)
class AudioInfo:
    """Properties of an audio file that are known before it is decoded; its length is not.

    Attributes:
        sample_rate: of the file, Hz.
        channels: as `read` and `blocks` give them: 1 or 2.
        codec: name of the coding, such as "MP3" or "FLAC 16 bit".
        lossy: whether the coding loses something.
    """

    sample_rate: int
    channels: int
    codec: str
    lossy: bool


def info(path: str | Path) -> AudioInfo:
    """Reads the header of an audio file.

    Raises:
        UserError: if the file is missing or empty, or holds no audio.
    """
    with AudioFile(path) as file:
        return AudioInfo(file.sample_rate, file.channels, file.codec, file.lossy)


def say_damage(damage: Damage) -> None:
    """Prints what is missing of a file, once in the life of this process."""
    if str(damage) not in _said:
        _said.add(str(damage))
        console.say(str(damage))


def read(
    path: str | Path, sample_rate: int, *, mono: bool = False, on_damage: OnDamage = say_damage
) -> np.ndarray:
    """Decodes a whole song.

    Args:
        path: anything that FFmpeg reads, at any rate; more than two channels are mixed to two, see `downmix`.
        sample_rate: wanted, Hz (resampled by soxr, high quality).
        mono: take the mean of the channels.
        on_damage: is called if the file is damaged or cut off; what can be decoded is used.

    Returns:
        float32 [samples, channels], 1 or 2 channels; values beyond [-1, 1] are possible.

    Raises:
        UserError: as `info`, and if nothing can be decoded or the file holds numbers that are no sound.
    """
    samples = np.concatenate(list(_decoded(path, sample_rate, on_damage)))
    return to_mono(samples)[:, None] if mono else samples


def blocks(
    path: str | Path, sample_rate: int, seconds: float = 10.0, *, on_damage: OnDamage = say_damage
) -> Iterator[np.ndarray]:
    """Decodes a song piece by piece, in memory that does not depend on its length.

    The blocks joined are `read`, sample for sample.

    Args:
        path: as for `read`.
        sample_rate: wanted, Hz.
        seconds: length of every block but the last, which may be shorter.
        on_damage: as for `read`.

    Yields:
        float32 [samples, channels].

    Raises:
        UserError: as `read`.
    """
    size = max(1, round(seconds * sample_rate))
    block, filled = np.empty((0, 0), np.float32), 0
    for piece in _decoded(path, sample_rate, on_damage):
        while len(piece):
            if not filled:
                block = np.empty((size, piece.shape[1]), np.float32)
            taken = piece[: size - filled]
            block[filled : filled + len(taken)] = taken
            filled, piece = filled + len(taken), piece[len(taken) :]
            if filled == size:
                yield block
                filled = 0
    if filled:
        yield block[:filled]


def _decoded(path: str | Path, sample_rate: int, on_damage: OnDamage) -> Iterator[np.ndarray]:
    """Chunks at the rate that is wanted, float32 [samples, channels], at least one."""
    with AudioFile(path) as file:
        found = False
        for chunk in resampled(file.chunks(), file.sample_rate, sample_rate, file.channels):
            if len(chunk):
                found = True
                yield chunk
        if not found:
            raise UserError(f"{path} is too short: less than a sample at {sample_rate} Hz: leave it out")
        if file.damage:
            on_damage(file.damage)
