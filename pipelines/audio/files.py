"""Reading of audio files, whole or in blocks, at any sample rate; also exports `AudioWriter`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.audio import libsndfile
from pipelines.audio.damage import Damage
from pipelines.audio.decoding import AudioFile, NotAudioError, resampled
from pipelines.audio.downmix import to_mono
from pipelines.audio.libsndfile import LibsndfileFile
from pipelines.audio.writer import SUFFIXES, AudioWriter
from pipelines.errors import UserError

__all__ = ["SUFFIXES", "AudioInfo", "AudioWriter", "blocks", "info", "read", "report_damage"]

OnDamage = Callable[[Damage], None]
"""Callback for the damage of a file, called after decoding if there is any."""

_reported: set[str] = set()


@dataclasses.dataclass(frozen=True)
class AudioInfo:
    """Properties of an audio file that are known before decoding; its length is not.

    Attributes:
        sample_rate: of the file, Hz.
        channels: number of channels of `read` and `blocks`, 1 or 2.
        codec: name of the codec, such as "MP3" or "FLAC 16 bit".
        lossy: true for lossy codecs.
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
    with _opened(Path(path)) as file:
        return AudioInfo(file.sample_rate, file.channels, file.codec, file.lossy)


def report_damage(damage: Damage) -> None:
    """Prints the damage of a file, once per process."""
    if str(damage) not in _reported:
        _reported.add(str(damage))
        console.say(str(damage))


def read(
    path: str | Path, sample_rate: int, *, mono: bool = False, on_damage: OnDamage = report_damage
) -> np.ndarray:
    """Decodes a whole song.

    Args:
        path: any file that FFmpeg reads, at any rate; more than two channels are mixed to two, see `downmix`.
        sample_rate: of the result, Hz (resampled by soxr, high quality).
        mono: true for the mean of the channels.
        on_damage: called if the file is damaged or cut off; the part that can be decoded is returned.

    Returns:
        float32 [samples, channels], 1 or 2 channels; values beyond [-1, 1] are possible.

    Raises:
        UserError: as `info`, and if nothing can be decoded or a sample is NaN or infinite.
    """
    samples = np.concatenate(list(_decoded(path, sample_rate, on_damage)))
    return to_mono(samples)[:, None] if mono else samples


def blocks(
    path: str | Path, sample_rate: int, seconds: float = 10.0, *, on_damage: OnDamage = report_damage
) -> Iterator[np.ndarray]:
    """Decodes a song block by block, in memory that does not depend on its length.

    The concatenated blocks equal the result of `read`.

    Args:
        path: as for `read`.
        sample_rate: of the blocks, Hz.
        seconds: length of every block but the last, which may be shorter.
        on_damage: as for `read`.

    Yields:
        float32 [samples, channels].

    Raises:
        UserError: as `read`.
    """
    size = max(1, round(seconds * sample_rate))
    block, filled = np.empty((0, 0), np.float32), 0
    for chunk in _decoded(path, sample_rate, on_damage):
        while len(chunk):
            if len(chunk) == size and not filled:
                yield chunk
                break
            if not filled:
                block = np.empty((size, chunk.shape[1]), np.float32)
            taken = chunk[: size - filled]
            block[filled : filled + len(taken)] = taken
            filled, chunk = filled + len(taken), chunk[len(taken) :]
            if filled == size:
                yield block
                filled = 0
    if filled:
        yield block[:filled]


def _opened(path: Path) -> AudioFile | LibsndfileFile:
    """The file, opened by FFmpeg, or by libsndfile where FFmpeg refuses it.

    Raises:
        UserError: as `info`.
    """
    try:
        return AudioFile(path)
    except NotAudioError:
        if file := libsndfile.open_vorbis(path):
            return file
        raise


def _decoded(path: str | Path, sample_rate: int, on_damage: OnDamage) -> Iterator[np.ndarray]:
    """Resampled chunks, float32 [samples, channels], at least one."""
    path = Path(path)
    with libsndfile.open_whole_mp3(path) or _opened(path) as file:
        found = False
        for chunk in resampled(file.chunks(), file.sample_rate, sample_rate, file.channels):
            if len(chunk):
                found = True
                yield chunk
        if not found:
            raise UserError(f"{path} is too short: less than a sample at {sample_rate} Hz: leave it out")
        if file.damage:
            on_damage(file.damage)
