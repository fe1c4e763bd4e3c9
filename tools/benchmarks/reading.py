"""Measures both input pipelines: prepared shards, and compressed files decoded during training.

    python -m tools benchmark reading --content songs/ --band my_band/
    python -m tools benchmark reading --content songs/ --band my_band/ --hours 1,100

The folders are prepared, and their loudness measured, once; the times of both are printed above the table.
Larger corpora repeat the songs, without disk space. Each row is a process that draws batches as `coverband
train` does: seconds to the first batch, clips per second of both domains, their ratio to prepared shards of
the same size, and the peak memory beyond that of TensorFlow.
"""

from __future__ import annotations

import dataclasses
import math
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.data.loader import open_corpus
from pipelines.data.preparation import prepare
from pipelines.data.schema import DOMAINS, Settings
from pipelines.errors import UserError
from tools.benchmarks.timing import apart, peak
from tools.benchmarks.virtual_corpus import virtual_corpus


@dataclasses.dataclass(frozen=True)
class Task:
    """Measurement task of one process.

    Attributes:
        data: data, as --data of a train command.
        hours: size of the virtual corpus.
        frames: length of a clip.
        batch_size: clips of each domain.
        seconds: duration of the measurement.
    """

    data: str
    hours: float
    frames: int
    batch_size: int
    seconds: float


@dataclasses.dataclass(frozen=True)
class Measurement:
    """Measurements of one process.

    Attributes:
        songs: number of songs of both domains.
        first: seconds to the first batch.
        rate: clips per second after it.
        megabytes: peak memory beyond that of TensorFlow.
    """

    songs: int
    first: float
    rate: float
    megabytes: float


def main(argv: list[str]) -> None:
    """Prints the table."""
    values = flags.FlagValues()
    content = flags.DEFINE_string(
        "content", None, "Folder of generic songs.", required=True, flag_values=values
    )
    band = flags.DEFINE_string("band", None, "Folder of the band's songs.", required=True, flag_values=values)
    hours = flags.DEFINE_list("hours", ["1"], "Sizes of the corpus, hours.", flag_values=values)
    frames = flags.DEFINE_integer("frames", 64, "Length of a clip.", lower_bound=1, flag_values=values)
    batch = flags.DEFINE_integer(
        "batch_size", 8, "Clips of each domain in a batch.", lower_bound=1, flag_values=values
    )
    seconds = flags.DEFINE_float(
        "seconds", 20.0, "Duration of each measurement.", lower_bound=0.1, flag_values=values
    )
    jobs = flags.DEFINE_integer(
        "jobs", os.cpu_count() or 1, "Number of processes that prepare.", lower_bound=1, flag_values=values
    )
    console.parse(values, argv, __doc__)
    sources = {"content": Path(content.value or ""), "band": Path(band.value or "")}
    sizes = [_hours(text) for text in hours.value]
    task = Task("", 0.0, frames.value, batch.value, seconds.value)
    with tempfile.TemporaryDirectory() as scratch:
        for line in _lines(sources, sizes, task, jobs.value, Path(scratch)):
            print(line, flush=True)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0 < hours < math.inf:
        raise UserError(f"--hours {text}: write sizes in hours, separated by commas, as in 1,100")
    return hours


def _lines(
    sources: dict[str, Path], sizes: list[float], task: Task, jobs: int, scratch: Path
) -> Iterator[str]:
    os.environ["XDG_CACHE_HOME"] = str(scratch)  # an empty cache, so that the loudness is measured
    pair = ",".join(str(sources[domain]) for domain in DOMAINS)
    began = time.perf_counter()
    manifest = prepare(sources, scratch / "data", Settings(), jobs)
    prepared = time.perf_counter()
    open_corpus(pair)
    measured = time.perf_counter()
    hours = sum(song.seconds for domain in manifest.domains.values() for song in domain.songs) / 3600
    yield (
        f"{hours:.2f} hours: prepared in {prepared - began:.1f} s, loudness measured in"
        f" {measured - prepared:.1f} s.\n"
    )
    yield "| hours | songs | data | first batch, s | clips per s | ratio | memory, MB |"
    yield "|---|---|---|---|---|---|---|"
    for size in sizes:
        rows = {
            name: apart(measure, dataclasses.replace(task, data=data, hours=size))
            for name, data in (("prepared", str(scratch / "data")), ("compressed", pair))
        }
        for name, row in rows.items():
            yield (
                f"| {size:g} | {row.songs} | {name} | {row.first:.2f} | {row.rate:.1f} |"
                f" {row.rate / rows['prepared'].rate:.2f} | {row.megabytes:.0f} |"
            )


def measure(task: Task) -> Measurement:
    """Draws batches of a virtual corpus; to be called in a process of its own."""
    import tensorflow as tf

    from pipelines.data.batching import unpaired_batches

    next(iter(tf.data.Dataset.range(2)))
    before = peak()
    corpus = virtual_corpus(open_corpus(task.data), task.hours)
    began = time.perf_counter()
    batches = iter(unpaired_batches(corpus, frames=task.frames, batch_size=task.batch_size, seed=0))
    next(batches)
    first, count = time.perf_counter(), 0
    elapsed = 0.0
    while elapsed < task.seconds:
        next(batches)
        count += 1
        elapsed = time.perf_counter() - first
    songs = sum(len(domain.songs) for domain in corpus.manifest.domains.values())
    clips = count * task.batch_size * len(DOMAINS)
    return Measurement(songs, first - began, clips / elapsed, peak() - before)


if __name__ == "__main__":
    console.run(main)
