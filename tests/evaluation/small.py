"""A small data folder, pairs and a model that are evaluated in seconds."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipelines.data.corpus import Corpus
from pipelines.data.normalisation import normalise
from pipelines.data.schema import DomainManifest, Manifest, Settings
from pipelines.data.shards import PCM_SUFFIX, PreparationTask, write_shard
from pipelines.evaluation import job, measurement, models
from pipelines.evaluation.catalogue import PAIRED
from pipelines.evaluation.columns import Comparison, SongColumn
from pipelines.evaluation.results import Column, Evaluation
from tests.inference import tiny

SPEC = tiny.SPEC
SETTINGS = Settings(SPEC, segment_frames=128)
SECONDS = 4.2
SCALE = (60, 64, 67, 72, 65, 69, 62, 71)


def melody(seed: int) -> np.ndarray:
    """MIDI pitches of a random melody, two per second."""
    return np.random.default_rng(seed).choice(SCALE, round(2 * SECONDS))


def synthesise(pitches: np.ndarray, band: bool, seconds: float = SECONDS) -> np.ndarray:
    """A melody with one of two timbres: bright and decaying, or soft and sustained with some noise."""
    time = np.arange(round(seconds * SPEC.sample_rate)) / SPEC.sample_rate
    index = np.minimum((time / 0.5).astype(int), len(pitches) - 1)
    phase = 2 * np.pi * 440 * 2 ** ((np.asarray(pitches)[index] - 69) / 12) * (time % 0.5)
    overtones = (1, 2) if band else (1, 2, 3, 4, 5, 6)
    tone = sum(np.sin(k * phase) / (k**2 if band else k) for k in overtones)
    tone = tone * (1 if band else np.exp(-6 * (time % 0.5)))
    noise = np.random.default_rng(3).normal(size=len(time)) * (0.02 if band else 0.0005)
    return (0.1 * (tone + noise)).astype(np.float32)


def write(path: Path, sound: np.ndarray) -> Path:
    """Writes a waveform at the spec's rate."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, SPEC.sample_rate)
    return path


def data(folder: Path, content: Sequence[str], band: Sequence[str]) -> Corpus:
    """A data folder with one song for each entry of `content` and `band`, in that split."""
    domains = {}
    for domain, splits in (("content", content), ("band", band)):
        (folder / domain).mkdir(parents=True)
        records = []
        for number, split in enumerate(splits):
            sound = synthesise(melody(10 * number + len(domain)), domain == "band")
            source = write(folder / "songs" / domain / f"song {number}.wav", sound)
            task = PreparationTask.from_file(source, source.parent, domain, folder, SETTINGS)
            record = write_shard(task, normalise(source, task.path(PCM_SUFFIX), SETTINGS))
            records.append(dataclasses.replace(record, split=split))
        domains[domain] = DomainManifest(tuple(records))
    Manifest(SETTINGS, domains).save(folder)
    return Corpus.load(folder)


def pair(folder: Path, name: str, seed: int, *, notes: bool = False) -> None:
    """A melody in both timbres, with its score if `notes`."""
    pitches = melody(seed)
    write(folder / f"{name}.source.wav", synthesise(pitches, band=False))
    write(folder / f"{name}.band.flac", synthesise(pitches, band=True))
    if notes:
        (folder / f"{name}.notes.mid").write_bytes(_midi(pitches))


def _midi(pitches: np.ndarray) -> bytes:
    """Notes of half a second: at 120 quarter notes a minute and 96 ticks to a quarter note."""
    events = b"".join(bytes([0, 0x90, p, 90, 96, 0x80, p, 0]) for p in map(int, pitches))
    track = events + bytes([0, 0xFF, 0x2F, 0])
    return struct.pack(">4sIHHH4sI", b"MThd", 6, 0, 1, 96, b"MTrk", len(track)) + track


def measure_in_process(patch: pytest.MonkeyPatch) -> None:
    """Replaces the worker pool by a loop in this process, which saves the start of workers."""
    patch.setattr(
        measurement.worker_pool, "run", lambda work, tasks, jobs: [(task, work(task)) for task in tasks]
    )


def loudest(comparison: Comparison) -> float:
    """Measure of a custom column."""
    return float(np.abs(comparison.translation.waveform).max())


LOUDEST = SongColumn(Column("loudest", "loudest", "", True, "content", "The largest sample."), loudest)
FEW = (LOUDEST, *(entry for entry in PAIRED if entry.column.key in ("log_mel_error", "lsd_time")))
"""Columns that are fast to measure."""


def request(
    folder: Path,
    out: Path,
    *,
    data: str = "data",
    pairs: str | None = "pairs",
    runs: Sequence[str | Path] = (),
    strengths: Sequence[float] = (),
) -> job.EvaluationConfig:
    """Configuration of an evaluation of the `folder` fixture."""
    named = tuple(models.model_entries([str(folder / run) for run in runs], [], strengths))
    return job.EvaluationConfig(folder / data, folder / pairs if pairs else None, named, out)


def estimates(evaluation: Evaluation, key: str) -> dict[str, float]:
    """A column's means, by the methods' names."""
    return {row.method.name: row.estimates[key].mean for row in evaluation.rows if key in row.estimates}
