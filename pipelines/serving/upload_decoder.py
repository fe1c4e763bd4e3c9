"""Decoding of uploads, each in a process of its own, see `limited_process`."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pipelines.audio import files
from pipelines.audio.decoding import NotAudioError
from pipelines.audio.loudness import LoudnessMeter
from pipelines.audio.song_measurement import SongMeasurement
from pipelines.audio.streams import write_block
from pipelines.errors import UserError
from pipelines.serving import limited_process
from pipelines.serving.http_errors import HttpError
from pipelines.serving.limited_process import ProcessLimits
from pipelines.serving.limits import Limits
from pipelines.serving.sample_file import FRAME_BYTES, SampleFile

SONG = "the song"
"""Name of a song in error messages."""

_BLOCK_SECONDS = 5.0


@dataclasses.dataclass(frozen=True)
class DecodeTask:
    """An upload to decode; see `limited_process.Task`.

    Attributes:
        source: the upload.
        name: of the upload in error messages.
        target: file for the samples.
        sample_rate: of the samples, Hz.
        seconds: length of the longest song.
        limits: of the process.
    """

    source: Path
    name: str
    target: Path
    sample_rate: int
    seconds: float
    limits: ProcessLimits

    @property
    def participle(self) -> str:
        """See `limited_process.Task`."""
        return "decoded"

    def write(self) -> SongMeasurement:
        """See `limited_process.Task`."""
        try:
            return self._decode()
        except UserError as error:
            status = 415 if isinstance(error, NotAudioError) else 400
            raise HttpError(status, str(error).replace(str(self.source), self.name)) from error

    def _decode(self) -> SongMeasurement:
        channels, rate = files.info(self.source).channels, self.sample_rate
        meter, samples = LoudnessMeter(rate, channels), 0
        with self.target.open("wb") as file:
            # The intact part of a damaged song is translated.
            for block in files.blocks(self.source, rate, _BLOCK_SECONDS, on_damage=lambda damage: None):
                samples += len(block)
                if samples > rate * self.seconds:
                    raise self._too_long()
                meter.add(block)
                write_block(file, block)
        return SongMeasurement(samples, channels, meter.integrated())

    def _too_long(self) -> HttpError:
        limit = f"{self.seconds / 60:g} minutes that are accepted (coverband serve --minutes)"
        return HttpError(413, f"{self.name} is longer than the {limit}")


async def decode(upload: Path, name: str, sample_rate: int, limits: Limits) -> SampleFile:
    """Decodes an upload.

    Args:
        upload: the file, which is removed.
        name: of the upload in error messages.
        sample_rate: of the samples, Hz.
        limits: of the server.

    Returns:
        The samples, in a file beside the upload.

    Raises:
        HttpError: with 4xx, if it is no song, damaged or too long, or exceeds the limits on time and memory.
    """
    process = process_limits(limits, sample_rate)
    target = upload.with_suffix(".samples")
    task = DecodeTask(upload, name, target, sample_rate, limits.song_seconds, process)
    decoded = await limited_process.run(task)
    upload.unlink()
    return decoded


def process_limits(limits: Limits, sample_rate: int) -> ProcessLimits:
    """Limits of a process that writes the samples of a song."""
    file_bytes = round(sample_rate * (limits.song_seconds + 2 * _BLOCK_SECONDS)) * FRAME_BYTES
    return ProcessLimits(limits.decode_bytes, limits.decode_seconds, file_bytes)
