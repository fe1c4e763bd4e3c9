"""A folder of lessons: rendered recordings and the notes that they play."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.audio import features, files
from pipelines.audio.spec import AudioSpec
from pipelines.data import worker_pool
from pipelines.errors import UserError
from pipelines.metrics.notes_file import read_performance
from transcriber import piano_roll as roll

CATALOGUE = "lessons.json"
SPLITS = ("train", "valid", "test")


@dataclasses.dataclass(frozen=True)
class Lesson:
    """One recording and its score.

    Attributes:
        name: of both files.
        split: train, valid or test.
        audio: the recording.
        notes: a MIDI file, its times those of the recording.
    """

    name: str
    split: str
    audio: Path
    notes: Path


@dataclasses.dataclass(frozen=True)
class Heard:
    """A lesson as the transcriber is given it.

    Attributes:
        lesson: what it is.
        log_mel: float16 [frames, n_mels], read from the disk as it is used.
        notes: float64 [notes, 3]: start and end in seconds, MIDI pitch.
        drums: float64 [strokes, 3], likewise, with keys of General MIDI's drum kits.
        roll: what the transcriber should hear.
    """

    lesson: Lesson
    log_mel: np.ndarray
    notes: np.ndarray
    drums: np.ndarray
    roll: roll.Roll


def catalogue(folder: Path) -> list[Lesson]:
    """The lessons of a folder.

    Raises:
        UserError: if it holds none, or its list is damaged.
    """
    path = folder / CATALOGUE
    try:
        entries = json.loads(path.read_text())
        lessons = [
            Lesson(each["name"], each["split"], folder / each["audio"], folder / each["notes"])
            for each in entries
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is missing or damaged: render the lessons (python -m tools render transcription)"
        ) from error
    for split in ("train", "valid"):
        if not any(lesson.split == split for lesson in lessons):
            raise UserError(f"{path} names no lesson of the split '{split}': render the lessons again")
    return lessons


def heard(lessons: Sequence[Lesson], spec: AudioSpec, folder: Path) -> list[Heard]:
    """Decodes what has not been decoded before; lessons that cannot be read are named and left out.

    Args:
        lessons: of the folder.
        spec: of the log-mels.
        folder: of the lessons; log-mels are kept in it, so that nothing is decoded twice.

    Raises:
        UserError: if none can be read.
    """
    key = hashlib.sha256(json.dumps(spec.to_dict(), sort_keys=True).encode()).hexdigest()[:12]
    cache = folder / f".log_mels-{key}"
    cache.mkdir(exist_ok=True)
    _decode([each for each in lessons if not _is_kept(cache, each)], spec, cache)
    there = [each for lesson in lessons if _is_kept(cache, lesson) for each in _read(spec, cache, lesson)]
    if not there:
        raise UserError(f"{folder} holds no lesson that can be read: render the lessons again")
    return there


def _kept(cache: Path, lesson: Lesson) -> Path:
    return cache / f"{lesson.name}.npy"


def _is_kept(cache: Path, lesson: Lesson) -> bool:
    """True if the log-mel is cached and at least as new as the recording."""
    try:
        return _kept(cache, lesson).stat().st_mtime_ns >= lesson.audio.stat().st_mtime_ns
    except OSError:
        return False


def _decode(lessons: Sequence[Lesson], spec: AudioSpec, cache: Path) -> None:
    if not lessons:
        return
    task = functools.partial(_keep_log_mel, spec, cache)
    with contextlib.closing(worker_pool.run(task, lessons, os.cpu_count() or 1)) as results:
        for lesson, result in console.progress(results, "decode", total=len(lessons), unit="lesson"):
            if isinstance(result, BaseException):
                console.say(f"{lesson.audio} is left out: {result}")


def _keep_log_mel(spec: AudioSpec, cache: Path, lesson: Lesson) -> None:
    mono = files.read(lesson.audio, spec.sample_rate).mean(axis=1)
    log_mel = features.log_mel(spec, mono[None]).numpy()[0, ..., 0].astype(np.float16)
    new = cache / f".new-{lesson.name}.npy"
    np.save(new, log_mel)
    os.replace(new, _kept(cache, lesson))


def _read(spec: AudioSpec, cache: Path, lesson: Lesson) -> Iterator[Heard]:
    """The lesson, unless its notes cannot be read, which is said."""
    log_mel = np.load(_kept(cache, lesson), mmap_mode="r")
    try:
        notes, drums = read_performance(lesson.notes)
    except UserError as error:
        console.say(f"{lesson.name} is left out: {error}")
    else:
        yield Heard(lesson, log_mel, notes, drums, roll.of_notes(spec, notes, drums, len(log_mel)))


def statistics(lessons: Sequence[Heard]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each mel band over all frames, float64 [n_mels] each."""
    sums = [(len(x.log_mel), *_moments(x.log_mel)) for x in lessons]
    count, total, squares = (sum(column) for column in zip(*sums, strict=True))
    mean = np.asarray(total) / count
    return mean, np.sqrt(np.maximum(np.asarray(squares) / count - mean**2, 1e-6))


def _moments(log_mel: np.ndarray) -> Iterator[np.ndarray]:
    values = np.asarray(log_mel, np.float64)
    yield values.sum(axis=0)
    yield (values**2).sum(axis=0)
