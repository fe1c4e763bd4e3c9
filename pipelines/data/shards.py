"""One TFRecord shard per song, and the sidecar that says the shard is complete."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.data import songs
from pipelines.data.augmented_copies import Alteration
from pipelines.data.normalise import Normalised
from pipelines.data.schema import Settings, SongRecord, VariantRecord, serialise_segment, write_json

_DECODER = "FFmpeg"
"""Part of every stem, so that shards by earlier decoders, which cut some files short, are made again."""

SHARD_SUFFIX, SIDECAR_SUFFIX = ".tfrecord", ".json"
PCM_SUFFIX, TEMPORARY_SUFFIX, REASON_SUFFIX = ".pcm", ".tmp", ".reason"


@dataclasses.dataclass(frozen=True)
class Task:
    """One song to be prepared.

    Attributes:
        source: the audio file.
        name: its path inside the domain's folder.
        domain: content or band.
        folder: the data folder; the shard goes to folder/domain.
        settings: rate, loudness and segments.
        stem: the shard's name without suffix; it changes when the file or the settings do.
        alteration: what is done to the song; None for nothing.
        mark: keeps the unfinished files of several attempts at one song apart.
        state: size and time of the file when it was found; zeros if it was gone by then.
    """

    source: Path
    name: str
    domain: str
    folder: Path
    settings: Settings
    stem: str
    alteration: Alteration | None = None
    mark: str = ""
    state: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, source: Path, root: Path, domain: str, folder: Path, settings: Settings) -> Task:
        """The task of one audio file below a domain's folder."""
        name, state = source.relative_to(root).as_posix(), _state(source)
        key = songs.digest(name, *state, json.dumps(settings.to_dict(), sort_keys=True), _DECODER)
        return cls(source, name, domain, folder, settings, f"{songs.slug(name)}-{key}", state=state)

    def altered(self, alteration: Alteration) -> Task:
        """The task of a variant of this song."""
        stem = f"{self.stem}-{songs.digest(alteration)}"
        return dataclasses.replace(self, stem=stem, alteration=alteration)

    def path(self, suffix: str) -> Path:
        """The shard, its sidecar, the samples on their way into it, or why there is none."""
        mark = self.mark if suffix == PCM_SUFFIX else ""
        return self.folder / self.domain / f"{self.stem}{mark}{suffix}"

    @property
    def shard(self) -> str:
        """The shard, relative to the data folder."""
        return self.path(SHARD_SUFFIX).relative_to(self.folder).as_posix()

    def finished(self) -> SongRecord | None:
        """The record of a shard that an earlier run completed; its split is not known yet."""
        try:
            values = json.loads(self.path(SIDECAR_SUFFIX).read_text())
            record = SongRecord(**values) if self.alteration is None else VariantRecord(**values)
        except (OSError, TypeError, ValueError):
            return None
        return record if self.path(SHARD_SUFFIX).is_file() else None


def _state(source: Path) -> tuple[int, int]:
    try:
        stat = source.stat()
    except OSError:  # decoding it says what is wrong
        return 0, 0
    return stat.st_size, stat.st_mtime_ns


def write_shard(task: Task, normalised: Normalised) -> SongRecord:
    """Cuts the samples that a worker left at `task.path(PCM_SUFFIX)` into segments, and removes them.

    Raises:
        OSError: if the disk is full.
    """
    pcm = np.memmap(task.path(PCM_SUFFIX), dtype="<i2", mode="r")
    starts = segment_starts(len(pcm), task.settings)
    write_records(task.path(SHARD_SUFFIX), _serialised(pcm, starts, task.settings.segment_samples), task.mark)
    record = record_of(task, normalised)
    write_json(task.path(SIDECAR_SUFFIX), dataclasses.asdict(record), task.mark)
    task.path(PCM_SUFFIX).unlink()
    return record


def record_of(task: Task, normalised: Normalised) -> SongRecord:
    """Manifest record of a song; its split is not known yet."""
    values: dict[str, Any] = {
        "name": task.name,
        "split": "",
        "seconds": round(normalised.samples / task.settings.spec.sample_rate, 3),
        "loudness": round(normalised.loudness, 2),
        "gain_db": round(normalised.gain_db, 2),
        "peak_limited": normalised.peak_limited,
        "segments": len(segment_starts(normalised.samples, task.settings)),
        "shard": task.shard,
        "damage": normalised.damage,
    }
    if task.alteration is None:
        return SongRecord(**values)
    values["name"] = f"{task.name} ({task.alteration})"
    return VariantRecord(**values, variant_of=task.name, **dataclasses.asdict(task.alteration))


def segment_starts(samples: int, settings: Settings) -> list[int]:
    """First sample of every segment of a song.

    Segments follow each other by `segment_frames` hops. The last one ends where the song ends (and overlaps
    the one before), so that only a song shorter than one segment is padded.
    """
    last = max(0, samples - settings.segment_samples)
    stride = settings.segment_frames * settings.spec.hop_length
    return [*range(0, last, stride), last]


def _serialised(pcm: np.ndarray, starts: list[int], size: int) -> Iterator[bytes]:
    for start in starts:
        segment = pcm[start : start + size]
        yield serialise_segment(np.pad(segment, (0, size - len(segment))), len(segment))


def write_records(path: Path, records: Iterable[bytes], mark: str = "") -> None:
    """Writes to a temporary name, then renames: a shard is whole or absent.

    Args:
        path: the TFRecord file.
        records: serialised.
        mark: goes into the temporary name, where several processes may write the same file at once.

    Raises:
        OSError: if the disk is full, or the folder protected.
    """
    import tensorflow as tf  # here, so that the workers of `prepare` start without it

    temporary = path.with_name(f"{path.name}{mark}{TEMPORARY_SUFFIX}")
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
