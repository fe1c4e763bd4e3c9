"""Evaluation of systems on songs: translates, measures and summarises."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.errors import UserError
from pipelines.evaluation import band, band_copies, judges, models, pairs, published_baselines
from pipelines.evaluation.balance import COLUMNS as BALANCE_COLUMNS
from pipelines.evaluation.balance import with_balance
from pipelines.evaluation.catalogue import COLUMNS
from pipelines.evaluation.clips import Clip, clips_from_band, clips_from_corpus, clips_from_pairs
from pipelines.evaluation.columns import AnyColumn, StyleReference
from pipelines.evaluation.context import Context
from pipelines.evaluation.conversion import Translation, measurements_of, translate_and_measure
from pipelines.evaluation.lineup import SystemFactory, assemble
from pipelines.evaluation.results import EvaluatedSong, Evaluation, Row
from pipelines.evaluation.rows import MissingValues, summarise
from pipelines.evaluation.systems import COPY_SOURCE, System


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
        judges: true to measure by the networks of `judges`, too.
        seconds: length of the excerpt from the middle of each song; None for whole songs, as with pairs.
    """

    data: Path
    pairs: Path | None
    models: tuple[models.ModelEntry, ...]
    out: Path
    jobs: int = os.cpu_count() or 1
    untrained: tuple[SystemFactory, ...] = ()
    songs: int | None = None
    seconds: float | None = None
    judges: bool = False

    def __post_init__(self) -> None:
        """Raises a UserError for values that do not go together."""
        if self.pairs is not None and self.seconds is not None:
            raise UserError("excerpts are of songs without the truth: leave out --seconds or --pairs")


def evaluate(config: EvaluationConfig, columns: Sequence[AnyColumn] = COLUMNS) -> Evaluation:
    """Translates all songs by all systems and measures the results; resumes where it was interrupted.

    Args:
        config: configuration of the evaluation.
        columns: the columns to measure.

    Raises:
        UserError: if the data folder or the pairs cannot be used, or not one row could be measured.
    """
    context = Context.open(config.data, config.out, columns, config.jobs)
    if config.judges:
        columns = (*columns, *judges.available_columns(context.warn))
        context = dataclasses.replace(context, columns=columns)
    clips = read_clips(context, config)
    roles = band.assign_roles(context, clips, config.seconds)
    lineup = assemble(context, config.models, config.untrained, roles, clips)
    of_band = clips_from_band(context, roles.played, config.seconds) if lineup.playing_band else []
    style = band.style_reference(context, roles)
    translations = translate_and_measure(context, (lineup.translating, clips), (lineup.playing_band, of_band))
    rows = with_balance(_rows(context, lineup.systems, translations, style))
    songs = (
        *(_evaluated_song(context, clip) for clip in clips),
        *(_song_of_band(context, clip) for clip in of_band),
    )
    context.store.clear_waveforms()
    measured = {key for row in rows for key in row.estimates}
    return Evaluation(
        settings=_settings(config, roles, clips),
        sample_rate=context.spec.sample_rate,
        songs=songs,
        columns=tuple(
            column
            for column in (*BALANCE_COLUMNS, *(entry.column for entry in columns))
            if column.key in measured
        ),
        rows=tuple(rows),
        published=published_baselines.compare(rows),
        warnings=tuple(context.warn.sentences),
    )


def read_clips(context: Context, config: EvaluationConfig) -> list[Clip]:
    """Clips that every row plays, see `clips`; their waveforms are stored until `Store.clear_waveforms`.

    Raises:
        UserError: if there is none that can be used.
    """
    if config.pairs is None:
        return clips_from_corpus(context, config.songs, config.seconds)
    return clips_from_pairs(context, config.pairs, config.songs)


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


def _song_of_band(context: Context, clip: Clip) -> EvaluatedSong:
    """A song that the upper bounds play; publishes it."""
    return EvaluatedSong(
        clip.name, clip.seconds, context.store.publish("band", clip.name, np.load(clip.source))
    )


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
