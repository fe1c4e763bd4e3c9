"""Evaluation of systems on songs: translates, measures and summarises."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.evaluation import band, band_copies, corpus_songs, models, pairs, published_baselines
from pipelines.evaluation.catalogue import COLUMNS
from pipelines.evaluation.clips import Clip, clips_from_corpus, clips_from_pairs
from pipelines.evaluation.columns import AnyColumn, StyleReference
from pipelines.evaluation.context import Context
from pipelines.evaluation.conversion import Translation, measurements_of, translate_and_measure
from pipelines.evaluation.results import EvaluatedSong, Evaluation, Method, Row
from pipelines.evaluation.rows import MissingValues, summarise
from pipelines.evaluation.systems import (
    COPY_SOURCE,
    ORACLE,
    CopyBand,
    CopySource,
    EqMatch,
    Oracle,
    System,
    TrainedModel,
)

SystemFactory = Callable[[Sequence[Callable[[], np.ndarray]], str, AudioSpec], System]
"""Builds a system from the band's songs (functions that read them, float32 [samples] at the evaluation's
rate), a string that identifies these songs, and the evaluation's spec."""


@dataclasses.dataclass(frozen=True)
class EvaluationConfig:
    """Configuration of an evaluation.

    Attributes:
        data: folder by `coverband prepare`.
        pairs: folder of pairs with the truth; None evaluates on the data folder's test songs.
        models: the models to evaluate beside the baselines.
        out: folder for the report.
        jobs: number of worker processes that measure.
        untrained: factories of further systems without training, one row each.
        songs: largest number of songs, chosen at equal distances; None evaluates on all.
    """

    data: Path
    pairs: Path | None
    models: tuple[models.ModelEntry, ...]
    out: Path
    jobs: int = os.cpu_count() or 1
    untrained: tuple[SystemFactory, ...] = ()
    songs: int | None = None


def evaluate(config: EvaluationConfig, columns: Sequence[AnyColumn] = COLUMNS) -> Evaluation:
    """Translates all songs by all systems and measures the results; resumes where it was interrupted.

    Args:
        config: configuration of the evaluation.
        columns: the columns to measure.

    Raises:
        UserError: if the data folder or the pairs cannot be used, or not one row could be measured.
    """
    context = Context.open(config.data, config.out, columns, config.jobs)
    clips = _clips(context, config)
    roles = band.assign_roles(context, clips)
    systems = _systems(context, config, roles, clips)
    style = band.style_reference(context, roles)
    translations = translate_and_measure(context, systems, clips)
    rows = _rows(context, systems, translations, style)
    songs = tuple(_evaluated_song(context, clip) for clip in clips)
    context.store.clear_waveforms()
    measured = {key for row in rows for key in row.estimates}
    return Evaluation(
        settings=_settings(config, roles, clips),
        sample_rate=context.spec.sample_rate,
        songs=songs,
        columns=tuple(entry.column for entry in columns if entry.column.key in measured),
        rows=tuple(rows),
        published=published_baselines.compare(rows),
        warnings=tuple(context.warn.sentences),
    )


def _clips(context: Context, config: EvaluationConfig) -> list[Clip]:
    if config.pairs is None:
        return clips_from_corpus(context, config.songs)
    return clips_from_pairs(context, config.pairs, config.songs)


def _systems(
    context: Context, config: EvaluationConfig, roles: band.Roles, clips: Sequence[Clip]
) -> list[System]:
    """All systems in the order of their rows: baselines, upper bounds, untrained systems, models."""
    copies = band_copies.recordings(context.corpus, roles.copied, clips)
    readers = [functools.partial(corpus_songs.waveform, context.corpus, song) for song in roles.reference]
    spectrum = band.long_term_spectrum(context.corpus, roles.reference)
    baselines: list[System] = [
        CopySource(),
        CopyBand(copies, str((roles.copied, [clip.key for clip in clips]))),
        EqMatch(context.spec, spectrum, str(roles.reference)),
    ]
    trained = list(models.load(config.models, context.spec, context.warn))
    bounds = _oracles(context, trained) if any(clip.truth for clip in clips) else []
    untrained = [build(readers, str(roles.reference), context.spec) for build in config.untrained]
    return [*baselines, *bounds, *untrained, *trained]


def _oracles(context: Context, trained: Sequence[TrainedModel]) -> list[System]:
    """Oracle of the data folder's spec, and one for each other spec, as the upper bound of its model."""
    rate = context.spec.sample_rate
    others = {model.spec: model for model in reversed(trained) if model.spec != context.spec}
    return [
        Oracle(context.spec, rate),
        *(Oracle(spec, rate, _oracle_method(model)) for spec, model in reversed(others.items())),
    ]


def _oracle_method(model: TrainedModel) -> Method:
    """Row of a model's own oracle."""
    name = f"oracle of {model.method.name}"
    return dataclasses.replace(ORACLE, key=f"oracle-of-{model.method.key}", name=name)


def _rows(
    context: Context, systems: Sequence[System], translations: Sequence[Translation], style: StyleReference
) -> list[Row]:
    rows, missing = [], MissingValues()
    for system in console.progress(systems, "comparing with the band", unit="row"):
        found = {clip.name: each for clip, each in measurements_of(context, translations, system)}
        audio = {name: context.store.audio(system.method.key, name) for name in found}
        if found:
            rows.append(summarise(system.method, found, audio, context.columns, style, missing))
    missing.report(context.warn)
    if not rows:
        raise UserError("not one row could be measured: see the warnings above")
    return rows


def _evaluated_song(context: Context, clip: Clip) -> EvaluatedSong:
    """A song of the result; publishes its truth."""
    source = context.store.audio(COPY_SOURCE.key, clip.name)
    truth = context.store.publish("truth", clip.name, np.load(clip.truth)) if clip.truth else None
    return EvaluatedSong(clip.name, clip.seconds, source, truth)


def _settings(config: EvaluationConfig, roles: band.Roles, clips: Sequence[Clip]) -> dict[str, str]:
    truths = sum(clip.truth is not None for clip in clips)
    scores = sum(clip.notes is not None for clip in clips)
    content, of_band = len(roles.classifier_content), len(roles.classifier_band)
    soundfont = pairs.soundfont_of(config.pairs) if config.pairs else ""
    return {
        "data": str(config.data),
        "songs": f"{config.pairs or 'the content songs of the data folder'}: {len(clips)} songs, "
        f"{sum(clip.seconds for clip in clips) / 60:.1f} minutes, {truths} with the truth, {scores} with "
        "the score",
        **({"SoundFont of the songs": soundfont} if soundfont else {}),
        "style reference": f"{len(roles.reference)} songs of the band",
        "copied songs of the band": band_copies.summary(roles.copied, clips),
        "style classifier": f"trained on {content} other songs and {of_band} of the band",
    }
