"""Splitting of a decoded song by a stem into voice and accompaniment, in a process of its own."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pipelines.audio.song_measurement import SongMeasurement
from pipelines.audio.streams import Signal, write_block
from pipelines.errors import UserError
from pipelines.serving import limited_process
from pipelines.serving.http_errors import HttpError
from pipelines.serving.limited_process import ProcessLimits
from pipelines.serving.limits import Limits
from pipelines.serving.sample_file import SampleFile
from pipelines.serving.upload_decoder import SONG, process_limits
from pipelines.stems.files import Role
from pipelines.stems.parts import SplitSong


@dataclasses.dataclass(frozen=True)
class SongParts:
    """A song and the part of it that is translated.

    Attributes:
        song: the song.
        accompaniment: the song without its voice, of the same length; the song itself if it has no stem.
    """

    song: SampleFile
    accompaniment: SampleFile

    @property
    def has_voice(self) -> bool:
        """True if a part of the song, its voice, is not translated."""
        return self.accompaniment is not self.song


@dataclasses.dataclass(frozen=True)
class SplitTask:
    """A song to split; see `limited_process.Task`.

    Attributes:
        song: the song.
        stem: its voice or its accompaniment.
        role: which of them.
        target: file for the accompaniment.
        limits: of the process.
    """

    song: SampleFile
    stem: SampleFile
    role: Role
    target: Path
    limits: ProcessLimits

    @property
    def sample_rate(self) -> int:
        """See `limited_process.Task`."""
        return self.song.sample_rate

    @property
    def name(self) -> str:
        """See `limited_process.Task`."""
        return stem_name(self.role)

    @property
    def participle(self) -> str:
        """See `limited_process.Task`."""
        return "aligned"

    def write(self) -> SongMeasurement:
        """See `limited_process.Task`."""
        song = Signal(SONG, self.song.blocks)
        stem = Signal(self.name, self.stem.blocks)
        try:
            parts = SplitSong(song, stem, self.role, self.sample_rate)
        except UserError as error:
            raise HttpError(400, str(error)) from error
        with self.target.open("wb") as file:
            for block in parts.accompaniment():
                write_block(file, block)
        return dataclasses.replace(parts.song, loudness=parts.accompaniment_loudness)


def stem_name(role: Role) -> str:
    """Name of a stem in error messages."""
    return f"the {role.value} stem"


async def split(song: SampleFile, stem: SampleFile, role: Role, limits: Limits) -> SongParts:
    """Splits a song; see `pipelines.stems.parts.SplitSong`.

    Args:
        song: the song.
        stem: its voice or its accompaniment, whose file is removed.
        role: which of them.
        limits: of the server.

    Raises:
        HttpError: with 400, if the stem does not fit the song, or exceeds the limits on time and memory.
    """
    target = song.path.with_suffix(".accompaniment")
    task = SplitTask(song, stem, role, target, process_limits(limits, song.sample_rate))
    accompaniment = await limited_process.run(task)
    stem.path.unlink()
    return SongParts(song, accompaniment)
