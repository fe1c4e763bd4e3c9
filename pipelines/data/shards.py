"""Shards: one TFRecord file per song, and a JSON sidecar that marks the shard as complete."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pipelines import outputs
from pipelines.data.accompaniments import Accompaniments
from pipelines.data.augmented_copies import PitchTimeChange
from pipelines.data.normalisation import Normalisation
from pipelines.data.schema import AugmentedCopy, Settings, SongRecord, serialise_segment, write_json
from pipelines.stems.files import Stem

_DECODER = "FFmpeg"
"""Part of every stem: shards of earlier decoders, which truncated some files, are written again."""

SHARD_SUFFIX, SIDECAR_SUFFIX = ".tfrecord", ".json"
PCM_SUFFIX, TEMPORARY_SUFFIX, REASON_SUFFIX = ".pcm", ".tmp", ".reason"


@dataclasses.dataclass(frozen=True)
class PreparationTask:
    """Task of preparing one song.

    Attributes:
        source: the audio file.
        name: path relative to the domain's folder.
        domain: content or band.
        folder: the data folder; the shard is written to folder/domain.
        settings: rate, loudness and segments.
        stem: name of the shard without suffix; it depends on the file's size and time and on the settings.
        change: of pitch and tempo, for an augmented copy; None for the song itself.
        attempt: suffix that separates the unfinished files of several attempts at one song.
        file_state: size and time of the file when the task was created; zeros if it was gone.
        song_stem: for the accompaniment of the song; None for the whole song.
    """

    source: Path
    name: str
    domain: str
    folder: Path
    settings: Settings
    stem: str
    change: PitchTimeChange | None = None
    attempt: str = ""
    file_state: tuple[int, int] = (0, 0)
    song_stem: Stem | None = None

    @classmethod
    def from_file(
        cls,
        source: Path,
        root: Path,
        domain: str,
        folder: Path,
        settings: Settings,
        accompaniments: Accompaniments | None = None,
    ) -> PreparationTask:
        """Task of one audio file.

        Args:
            source: the audio file.
            root: the domain's folder of songs, which contains it.
            domain: content or band.
            folder: the data folder.
            settings: rate, loudness and segments.
            accompaniments: on which the shard depends, too; None to prepare the whole song.
        """
        name, state = source.relative_to(root).as_posix(), _file_state(source)
        part = accompaniments.key(name) if accompaniments else ()
        key = outputs.digest(name, *state, json.dumps(settings.to_dict(), sort_keys=True), _DECODER, *part)
        stem = f"{outputs.slug(name)}-{key}"
        return cls(source, name, domain, folder, settings, stem, file_state=state)

    def with_change(self, change: PitchTimeChange) -> PreparationTask:
        """Task of an augmented copy of this song."""
        stem = f"{self.stem}-{outputs.digest(change)}"
        return dataclasses.replace(self, stem=stem, change=change)

    def of_stem(self, stem: Stem) -> PreparationTask:
        """Task of a stem of this song, as of a recording."""
        root = self.source.parents[len(Path(self.name).parts) - 1]
        return PreparationTask.from_file(stem.path, root, self.domain, self.folder, self.settings)

    def absolute(self) -> PreparationTask:
        """The same task with absolute paths, for processes in other folders."""
        stem = self.song_stem and dataclasses.replace(self.song_stem, path=self.song_stem.path.absolute())
        return dataclasses.replace(
            self, source=self.source.absolute(), folder=self.folder.absolute(), song_stem=stem
        )

    def path(self, suffix: str) -> Path:
        """File of this task: shard, sidecar, decoded samples or reason of a skip, by its suffix."""
        attempt = self.attempt if suffix == PCM_SUFFIX else ""
        return self.folder / self.domain / f"{self.stem}{attempt}{suffix}"

    @property
    def shard(self) -> str:
        """Path of the shard relative to the data folder."""
        return self.path(SHARD_SUFFIX).relative_to(self.folder).as_posix()

    def finished(self) -> SongRecord | None:
        """Record of a shard that an earlier run completed; its split is empty."""
        try:
            values = json.loads(self.path(SIDECAR_SUFFIX).read_text())
            record = SongRecord(**values) if self.change is None else AugmentedCopy.from_dict(values)
        except (OSError, TypeError, ValueError):
            return None
        return record if self.path(SHARD_SUFFIX).is_file() else None


def _file_state(source: Path) -> tuple[int, int]:
    try:
        stat = source.stat()
    except OSError:  # the error message comes from decoding
        return 0, 0
    return stat.st_size, stat.st_mtime_ns


def write_shard(task: PreparationTask, normalisation: Normalisation) -> SongRecord:
    """Writes the shard and the sidecar of a decoded song, and removes `task.path(PCM_SUFFIX)`.

    Args:
        task: its samples are at `task.path(PCM_SUFFIX)`.
        normalisation: of the song.

    Raises:
        OSError: if the disk is full.
    """
    pcm = np.memmap(task.path(PCM_SUFFIX), dtype="<i2", mode="r")
    starts = segment_starts(len(pcm), task.settings)
    write_records(
        task.path(SHARD_SUFFIX), _serialised(pcm, starts, task.settings.segment_samples), task.attempt
    )
    record = song_record(task, normalisation)
    write_json(task.path(SIDECAR_SUFFIX), record.to_dict(), task.attempt)
    task.path(PCM_SUFFIX).unlink()
    return record


def song_record(task: PreparationTask, normalisation: Normalisation) -> SongRecord:
    """Manifest record of a song; its split is empty."""
    values: dict[str, Any] = {
        "name": task.name,
        "split": "",
        "seconds": round(normalisation.samples / task.settings.spec.sample_rate, 3),
        "loudness": round(normalisation.loudness, 2),
        "gain_db": round(normalisation.gain_db, 2),
        "peak_limited": normalisation.peak_limited,
        "segments": len(segment_starts(normalisation.samples, task.settings)),
        "shard": task.shard,
        "damage": normalisation.damage,
    }
    if task.change is None:
        return SongRecord(**values)
    values["name"] = f"{task.name} ({task.change})"
    return AugmentedCopy(**values, copy_of=task.name, **dataclasses.asdict(task.change))


def segment_starts(samples: int, settings: Settings) -> list[int]:
    """First sample of every segment of a song.

    The stride is `segment_frames` hops. The last segment ends where the song ends and overlaps the one
    before: only a song shorter than one segment is padded.
    """
    last = max(0, samples - settings.segment_samples)
    stride = settings.segment_frames * settings.spec.hop_length
    return [*range(0, last, stride), last]


def _serialised(pcm: np.ndarray, starts: list[int], size: int) -> Iterator[bytes]:
    for start in starts:
        segment = pcm[start : start + size]
        yield serialise_segment(np.pad(segment, (0, size - len(segment))), len(segment))


def write_records(path: Path, records: Iterable[bytes], attempt: str = "") -> None:
    """Writes a TFRecord file atomically.

    Args:
        path: the TFRecord file.
        records: serialised.
        attempt: part of the temporary name, if several processes may write the same file at once.

    Raises:
        OSError: if the disk is full, or the folder is protected.
    """
    import tensorflow as tf  # here, so that the workers of `prepare` start without it

    temporary = path.with_name(f"{path.name}{attempt}{TEMPORARY_SUFFIX}")
    try:
        with tf.io.TFRecordWriter(os.fsencode(temporary)) as writer:
            for record in records:
                writer.write(record)
    except tf.errors.ResourceExhaustedError as error:
        temporary.unlink(missing_ok=True)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
    except tf.errors.PermissionDeniedError as error:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path)) from error
    os.replace(temporary, path)
