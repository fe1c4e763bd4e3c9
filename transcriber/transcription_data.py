"""Transcription data: a folder of rendered recordings and their scores."""

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

from pipelines import console, outputs
from pipelines.audio.spec import AudioSpec
from pipelines.data import worker_pool
from pipelines.errors import UserError
from pipelines.evaluation import baselines
from pipelines.metrics.notes_file import read_performance
from transcriber import piano_roll as roll

CATALOGUE = "recordings.json"
SPLITS = ("train", "valid", "test")

_LEVEL = "downmix at the training loudness"
"""Part of the key of cached log-mels, so that those of another level are not used."""


@dataclasses.dataclass(frozen=True)
class Recording:
    """Catalogue entry: a recording and its score.

    Attributes:
        name: stem of both files.
        split: train, valid or test.
        audio: audio file.
        notes: MIDI file, aligned with the audio.
        excerpt: name of the excerpt and its performance, which its twins share: recordings by other
            instruments on the same clock.
    """

    name: str
    split: str
    audio: Path
    notes: Path
    excerpt: str


@dataclasses.dataclass(frozen=True)
class Example:
    """Example for training and evaluation: log-mel and notes of a recording.

    Attributes:
        recording: its catalogue entry.
        log_mel: float16 [frames, n_mels], of the downmix at the training loudness, memory-mapped.
        notes: float64 [notes, 3]: start and end in seconds, MIDI pitch.
        drums: float64 [strokes, 3], likewise, with keys of General MIDI's drum kits.
        roll: piano roll, the target of the transcriber.
    """

    recording: Recording
    log_mel: np.ndarray
    notes: np.ndarray
    drums: np.ndarray
    roll: roll.Roll


def catalogue(folder: Path) -> list[Recording]:
    """Recordings that the catalogue of a folder names.

    Raises:
        UserError: if the catalogue is missing, damaged, or without recordings of a split.
    """
    path = folder / CATALOGUE
    try:
        entries = json.loads(path.read_text())
        recordings = [
            Recording(
                each["name"],
                each["split"],
                folder / each["audio"],
                folder / each["notes"],
                each.get("excerpt", each["name"]),
            )
            for each in entries
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is missing or damaged: render the transcription data "
            "(python -m tools render transcription)"
        ) from error
    for split in ("train", "valid"):
        if not any(each.split == split for each in recordings):
            raise UserError(
                f"{path} names no recording of the split '{split}': render the transcription data again"
            )
    return recordings


def load_examples(recordings: Sequence[Recording], spec: AudioSpec, folder: Path) -> list[Example]:
    """Examples of recordings; those that cannot be read are reported and left out.

    Args:
        recordings: of the folder.
        spec: of the log-mels.
        folder: of the transcription data; log-mels are cached in it.

    Raises:
        UserError: if none can be read.
    """
    key = hashlib.sha256(f"{_LEVEL} {json.dumps(spec.to_dict(), sort_keys=True)}".encode()).hexdigest()[:12]
    cache = folder / f".log_mels-{key}"
    cache.mkdir(exist_ok=True)
    _decode([each for each in recordings if not _is_cached(cache, each)], spec, cache)
    readable = [each for each in recordings if _is_cached(cache, each)]
    examples = [example for each in readable for example in _read(spec, cache, each)]
    if not examples:
        raise UserError(f"{folder} holds no recording that can be read: render the transcription data again")
    return examples


def _cache_path(cache: Path, recording: Recording) -> Path:
    return cache / f"{recording.name}.npy"


def _is_cached(cache: Path, recording: Recording) -> bool:
    """True if the log-mel is cached and at least as new as the recording."""
    try:
        return _cache_path(cache, recording).stat().st_mtime_ns >= recording.audio.stat().st_mtime_ns
    except OSError:
        return False


def _decode(recordings: Sequence[Recording], spec: AudioSpec, cache: Path) -> None:
    if not recordings:
        return
    task = functools.partial(_cache_log_mel, spec, cache)
    with contextlib.closing(worker_pool.run(task, recordings, os.cpu_count() or 1)) as results:
        for recording, result in console.progress(results, "decode", total=len(recordings), unit="recording"):
            if isinstance(result, BaseException):
                console.say(f"{recording.audio} is left out: {result}")


def _cache_log_mel(spec: AudioSpec, cache: Path, recording: Recording) -> None:
    # The loudness of the stereo file says little about its downmix, which is 3 to 6 dB quieter.
    log_mel = baselines.log_mel(spec, baselines.recording(spec, recording.audio)).astype(np.float16)
    with outputs.whole(_cache_path(cache, recording)) as unfinished, unfinished.open("wb") as file:
        np.save(file, log_mel)


def _read(spec: AudioSpec, cache: Path, recording: Recording) -> Iterator[Example]:
    """The example, unless its notes cannot be read, which is reported."""
    log_mel = np.load(_cache_path(cache, recording), mmap_mode="r")
    try:
        notes, drums = read_performance(recording.notes)
    except UserError as error:
        console.say(f"{recording.name} is left out: {error}")
    else:
        yield Example(recording, log_mel, notes, drums, roll.from_notes(spec, notes, drums, len(log_mel)))


def statistics(examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each mel band over all frames, float64 [n_mels] each."""
    sums = [(len(x.log_mel), *_moments(x.log_mel)) for x in examples]
    count, total, squares = (sum(column) for column in zip(*sums, strict=True))
    mean = np.asarray(total) / count
    return mean, np.sqrt(np.maximum(np.asarray(squares) / count - mean**2, 1e-6))


def _moments(log_mel: np.ndarray) -> Iterator[np.ndarray]:
    values = np.asarray(log_mel, np.float64)
    yield values.sum(axis=0)
    yield (values**2).sum(axis=0)
