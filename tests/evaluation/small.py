"""A data folder, pairs and a model that are small enough to be evaluated in seconds."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines.data.corpus import Corpus
from pipelines.data.normalise import normalise
from pipelines.data.schema import DomainManifest, Manifest, Settings
from pipelines.data.shards import PCM_SUFFIX, Task, write_shard
from pipelines.evaluation import job, measurement, models
from pipelines.evaluation.catalogue import PAIRED
from pipelines.evaluation.columns import Hearing, SongColumn
from pipelines.evaluation.results import Column, Evaluation
from tests.inference import tiny

SPEC = tiny.SPEC
SETTINGS = Settings(SPEC, segment_frames=128)
SECONDS = 4.2
SCALE = (60, 64, 67, 72, 65, 69, 62, 71)


def melody(seed: int) -> np.ndarray:
    """MIDI pitches of a tune, two a second."""
    return np.random.default_rng(seed).choice(SCALE, round(2 * SECONDS))


def play(pitches: np.ndarray, band: bool, seconds: float = SECONDS) -> np.ndarray:
    """A tune on one of two instruments: bright and plucked, or soft and held with some noise."""
    time = np.arange(round(seconds * SPEC.sample_rate)) / SPEC.sample_rate
    index = np.minimum((time / 0.5).astype(int), len(pitches) - 1)
    phase = 2 * np.pi * 440 * 2 ** ((np.asarray(pitches)[index] - 69) / 12) * (time % 0.5)
    overtones = (1, 2) if band else (1, 2, 3, 4, 5, 6)
    tone = sum(np.sin(k * phase) / (k**2 if band else k) for k in overtones)
    tone = tone * (1 if band else np.exp(-6 * (time % 0.5)))
    noise = np.random.default_rng(3).normal(size=len(time)) * (0.02 if band else 0.0005)
    return (0.1 * (tone + noise)).astype(np.float32)


def write(path: Path, sound: np.ndarray) -> Path:
    """Writes a sound at the spec's rate."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, SPEC.sample_rate)
    return path


def data(folder: Path, content: Sequence[str], band: Sequence[str]) -> Corpus:
    """A data folder with one song for every split that is named."""
    domains = {}
    for domain, splits in (("content", content), ("band", band)):
        (folder / domain).mkdir(parents=True)
        records = []
        for number, split in enumerate(splits):
            sound = play(melody(10 * number + len(domain)), domain == "band")
            source = write(folder / "songs" / domain / f"song {number}.wav", sound)
            task = Task.of(source, source.parent, domain, folder, SETTINGS)
            record = write_shard(task, normalise(source, task.path(PCM_SUFFIX), SETTINGS))
            records.append(dataclasses.replace(record, split=split))
        domains[domain] = DomainManifest(tuple(records))
    Manifest(SETTINGS, domains).save(folder)
    return Corpus.load(folder)


def pair(folder: Path, name: str, seed: int, *, notes: bool = False) -> None:
    """A tune on both instruments, with its score if wanted."""
    pitches = melody(seed)
    write(folder / f"{name}.source.wav", play(pitches, band=False))
    write(folder / f"{name}.band.flac", play(pitches, band=True))
    if notes:
        (folder / f"{name}.notes.mid").write_bytes(_midi(pitches))


def _midi(pitches: np.ndarray) -> bytes:
    """Notes of half a second: at 120 quarter notes a minute and 96 ticks to a quarter note."""
    events = b"".join(bytes([0, 0x90, p, 90, 96, 0x80, p, 0]) for p in map(int, pitches))
    track = events + bytes([0, 0xFF, 0x2F, 0])
    return struct.pack(">4sIHHH4sI", b"MThd", 6, 0, 1, 96, b"MTrk", len(track)) + track


def measure_here(patch: pytest.MonkeyPatch) -> None:
    """Measures in this process, which saves the seconds that others take to start."""
    patch.setattr(
        measurement.worker_pool, "run", lambda work, tasks, jobs: [(task, work(task)) for task in tasks]
    )


def loudest(hearing: Hearing) -> float:
    """The measure of a column from outside."""
    return float(np.abs(hearing.sound.waveform).max())


LOUDEST = SongColumn(Column("loudest", "loudest", "", True, "content", "The largest sample."), loudest)
FEW = (LOUDEST, *(entry for entry in PAIRED if entry.column.key in ("log_mel_error", "lsd_time")))
"""Columns that cost little."""


def request(
    folder: Path,
    out: Path,
    *,
    data: str = "data",
    pairs: str | None = "pairs",
    runs: Sequence[str | Path] = (),
    strengths: Sequence[float] = (),
) -> job.Request:
    """An evaluation of what lies in a folder."""
    named = tuple(models.named([str(folder / run) for run in runs], [], strengths))
    return job.Request(folder / data, folder / pairs if pairs else None, named, out)


def estimates(evaluation: Evaluation, key: str) -> dict[str, float]:
    """A column's means, by the methods' names."""
    return {row.method.name: row.estimates[key].mean for row in evaluation.rows if key in row.estimates}
