"""Translation of every clip by every system, and measurement of the results."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence

import tensorflow as tf

from pipelines import console
from pipelines.errors import UserError
from pipelines.evaluation.clips import Clip, normalise_loudness
from pipelines.evaluation.columns import PROCESSOR
from pipelines.evaluation.context import Context
from pipelines.evaluation.measurement import Task, measure_all
from pipelines.evaluation.store import Measurements, cache_key
from pipelines.evaluation.systems import System


@dataclasses.dataclass(frozen=True)
class Translation:
    """One clip, translated by one system.

    Attributes:
        system: the system.
        clip: the clip.
        index: of the clip, from 0.
        task: its measurement.
    """

    system: System
    clip: Clip
    index: int
    task: Task


def translate_and_measure(
    context: Context, *runs: tuple[Sequence[System], Sequence[Clip]]
) -> list[Translation]:
    """Translates and measures everything that the store does not have yet.

    Args:
        context: of the evaluation.
        runs: systems, and the clips that each of them translates.

    Returns:
        The translations that succeeded; their measurements are those of `Measurements.load(task.target)`.
    """
    planned = [
        Translation(system, clip, index, _task(context, system, clip))
        for systems, clips in runs
        for system in systems
        for index, clip in enumerate(clips)
        if system.supports(clip)
    ]
    progress = console.progress(planned, "translating", unit="song")
    done = [each for each in progress if _is_done(context, each) or _translate(context, each)]
    # Sorted by clip: systems share what is computed of a clip's source and truth.
    tasks = [each.task for each in sorted(done, key=lambda each: each.index)]
    for problem in measure_all(tasks, "measuring", context.jobs):
        context.warn(problem)
    return done


def measurements_of(
    context: Context, translations: Sequence[Translation], system: System
) -> Iterator[tuple[Clip, Measurements]]:
    """Clips and measurements of one system, with processor time per second of audio where it is known."""
    for each in translations:
        found = Measurements.load(each.task.target) if each.system is system else None
        if found is not None:
            seconds = context.store.seconds(each.task.target.stem)
            cost = {} if seconds is None else {PROCESSOR: seconds / each.clip.seconds}
            yield each.clip, dataclasses.replace(found, values=found.values | cost)


def _task(context: Context, system: System, clip: Clip) -> Task:
    columns, store = context.song_columns, context.store
    names = ",".join((*(entry.column.key for entry in columns), *context.features))
    voice = [clip.voice.stem] if clip.voice else []
    key = cache_key("translation", system.method.key, system.identity, clip.key, *voice, context.spec, names)
    return Task(
        label=f"{system.method.name} of {clip.name}",
        target=store.measurements(key),
        spec=context.spec,
        waveform=store.waveform(key),
        source=clip.source,
        truth=clip.truth,
        notes=clip.notes,
        voice=clip.voice,
        columns=columns,
        features=context.features,
    )


def _is_done(context: Context, each: Translation) -> bool:
    """True if the published audio exists and its measurements, or the samples to measure, do as well."""
    published = context.store.folder / context.store.audio(each.system.method.key, each.clip.name)
    return published.is_file() and (
        each.task.waveform.is_file() or Measurements.load(each.task.target) is not None
    )


def _translate(context: Context, each: Translation) -> bool:
    """Translates one clip; issues a warning and returns False if that fails."""
    start = time.process_time()
    try:
        waveform = normalise_loudness(each.system.translate(each.clip, each.index), context.spec)
    except (UserError, tf.errors.OpError) as error:
        context.warn(f"{each.task.label} is left out: {error}")
        return False
    context.store.put_seconds(each.task.target.stem, time.process_time() - start)
    context.store.put_waveform(each.task.waveform.stem, waveform)
    context.store.publish(each.system.method.key, each.clip.name, waveform)
    return True
