"""Audio files in: decoding and resampling; `Writer` (audio files out) is offered here, too."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from pipelines.audio.downmix import to_stereo
from pipelines.audio.writer import SUFFIXES, Writer
from pipelines.errors import UserError

__all__ = ["SUFFIXES", "SongInfo", "Writer", "blocks", "info", "read"]

_READABLE = ", ".join(suffix[1:] for suffix in SUFFIXES)
# What is decoded at once. `blocks` and `read` share these cuts, so that their samples agree.
_CHUNK_FRAMES = 1 << 16
# A file may hold so much less than its header promises (encoder padding) before it counts as cut off.
_MISSING_SECONDS = 0.2


@dataclasses.dataclass(frozen=True)
class SongInfo:
    """What the header of an audio file says.

    Attributes:
        sample_rate: of the file, Hz.
        channels: as `read` and `blocks` give them: 1 or 2.
        frames: samples per channel, at the file's rate.
    """

    sample_rate: int
    channels: int
    frames: int

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.frames / self.sample_rate


class _Song(soundfile.SoundFile):
    """A file that is read from its start to its end.

    After every read, soundfile seeks to where the reading ended; libsndfile 1.2 then goes to a wrong place in
    mono mp3 files. Nothing is sought in a file that says it is not seekable.
    """

    def seekable(self) -> bool:
        return False


def info(path: str | Path) -> SongInfo:
    """Reads the header of an audio file.

    Raises:
        UserError: if the file is missing, empty, of an unknown format, or damaged at its start.
    """
    with _opened(Path(path)) as song:
        return SongInfo(song.samplerate, min(song.channels, 2), song.frames)


def read(path: str | Path, sample_rate: int, *, mono: bool = False) -> np.ndarray:
    """Decodes a whole song.

    Args:
        path: wav, flac, mp3 or ogg, any rate; more than two channels are mixed to two, see `downmix`.
        sample_rate: wanted, Hz (resampled by soxr, high quality).
        mono: take the mean of the channels.

    Returns:
        float32 [samples, channels], 1 or 2 channels.

    Raises:
        UserError: as `info`, and if the file is cut off or holds numbers that are no sound.
    """
    samples = np.concatenate(list(_resampled(Path(path), sample_rate)))
    return samples.mean(axis=1, keepdims=True) if mono else samples


def blocks(path: str | Path, sample_rate: int, seconds: float = 10.0) -> Iterator[np.ndarray]:
    """Decodes a song piece by piece, in memory that does not depend on its length.

    The blocks joined are `read`, sample for sample.

    Args:
        path: as for `read`.
        sample_rate: wanted, Hz.
        seconds: length of every block but the last, which may be shorter.

    Yields:
        float32 [samples, channels].

    Raises:
        UserError: as `read`, when the damage is reached.
    """
    size = max(1, round(seconds * sample_rate))
    waiting: list[np.ndarray] = []
    count = 0
    for piece in _resampled(Path(path), sample_rate):
        waiting.append(piece)
        count += len(piece)
        if count >= size:
            joined = np.concatenate(waiting)
            whole = count - count % size
            yield from np.split(joined[:whole], whole // size)
            waiting, count = [joined[whole:]], count - whole
    if count:
        yield np.concatenate(waiting)


def _resampled(path: Path, sample_rate: int) -> Iterator[np.ndarray]:
    """Decoded, checked and resampled chunks, float32 [samples, channels], at least one."""
    with _opened(path) as song:
        if song.samplerate == sample_rate:
            yield from _decoded(path, song)
            return
        resampler = soxr.ResampleStream(song.samplerate, sample_rate, min(song.channels, 2), dtype="float32")
        for chunk in _decoded(path, song):
            yield resampler.resample_chunk(chunk)
        yield resampler.resample_chunk(np.zeros((0, min(song.channels, 2)), np.float32), last=True)


def _decoded(path: Path, song: soundfile.SoundFile) -> Iterator[np.ndarray]:
    """Checked chunks at the file's own rate, 1 or 2 channels."""
    seen = 0
    while len(chunk := _decode_chunk(path, song)):
        seen += len(chunk)
        if not np.isfinite(chunk).all():
            raise UserError(f"{path} holds samples that are not numbers (NaN or infinity): export it again")
        yield to_stereo(chunk)
    if seen == 0 or song.frames - seen > _MISSING_SECONDS * song.samplerate:
        raise _damaged(path)


def _decode_chunk(path: Path, song: soundfile.SoundFile) -> np.ndarray:
    """The next samples of an open file."""
    try:
        return song.read(_CHUNK_FRAMES, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise _damaged(path) from error


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    """An open file that holds at least one sample."""
    _require_readable(path)
    try:
        song = _Song(path)
    except soundfile.LibsndfileError as error:
        raise UserError(
            f"{path} is not a readable audio file: check that it plays, or convert it again"
        ) from error
    with song:
        if song.frames == 0:
            raise UserError(f"{path} holds no sound (zero samples): remove it")
        if _riff_is_cut(path):
            raise _damaged(path)
        yield song


def _require_readable(path: Path) -> None:
    """Refuses what need not be opened to be refused."""
    if not path.is_file():
        raise UserError(f"{path} is not a file: check the name")
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(f"{path} cannot be read: convert it to {_READABLE}")
    if path.stat().st_size == 0:
        raise UserError(f"{path} is empty (zero bytes): copy it again")


def _riff_is_cut(path: Path) -> bool:
    """Whether a RIFF file ends before its header says so; libsndfile would quietly read what is left.

    Programs that write to a pipe leave 0 or 2^32 - 1 for a size that they cannot know.
    """
    with path.open("rb") as file:
        head = file.read(8)
    size = int.from_bytes(head[4:8], "little")
    return head[:4] == b"RIFF" and 0 < size < 0xFFFFFF00 and size + 8 > path.stat().st_size + 1


def _damaged(path: Path) -> UserError:
    return UserError(f"{path} is damaged or cut off: copy or convert it again")
