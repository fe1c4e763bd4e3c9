"""A whole evaluation: songs, methods, numbers."""

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
from pipelines.evaluation import (
    band,
    clips,
    conversion,
    corpus_songs,
    models,
    published_baselines,
    rows,
    systems,
)
from pipelines.evaluation.catalogue import COLUMNS
from pipelines.evaluation.clips import Piece
from pipelines.evaluation.columns import AnyColumn, Style
from pipelines.evaluation.context import Context
from pipelines.evaluation.conversion import Sound
from pipelines.evaluation.missing_values import Problems
from pipelines.evaluation.results import Evaluation, Method, Row, Song
from pipelines.evaluation.systems import Player

Untrained = Callable[[Sequence[Callable[[], np.ndarray]], str, AudioSpec], Player]
"""Makes a system of the band's songs (functions that read them, float32 [samples] at the evaluation's rate),
a string that identifies these songs, and the evaluation's spec."""


@dataclasses.dataclass(frozen=True)
class Request:
    """Configuration of an evaluation.

    Attributes:
        data: folder by `coverband prepare`.
        pairs: folder of pairs with the truth; None plays the data folder's test songs.
        models: what to evaluate beside the baselines.
        out: folder for the report.
        jobs: processes that measure.
        untrained: make systems of the band's songs that have a row, too, see `Untrained`.
        songs: play at most so many, evenly chosen; None plays all.
    """

    data: Path
    pairs: Path | None
    models: tuple[models.Named, ...]
    out: Path
    jobs: int = os.cpu_count() or 1
    untrained: tuple[Untrained, ...] = ()
    songs: int | None = None


def evaluate(request: Request, columns: Sequence[AnyColumn] = COLUMNS) -> Evaluation:
    """Plays all songs by all methods and measures them; goes on where it was killed.

    Args:
        request: what to evaluate.
        columns: what to measure.

    Raises:
        UserError: if not one row could be made.
    """
    context = Context.open(request.data, request.out, columns, request.jobs)
    played = _pieces(context, request)
    chosen = band.roles(context, paired=request.pairs is not None)
    methods = _players(context, request, chosen, played)
    style = band.style(context, chosen)
    sounds = conversion.play_and_measure(context, methods, played)
    table = _rows(context, methods, sounds, style)
    songs = tuple(_song(context, piece) for piece in played)
    context.kept.clear_sounds()
    shown = {key for row in table for key in row.estimates}
    return Evaluation(
        settings=_settings(request, chosen, played),
        sample_rate=context.spec.sample_rate,
        songs=songs,
        columns=tuple(entry.column for entry in columns if entry.column.key in shown),
        rows=tuple(table),
        anchors=published_baselines.compare(table),
        warnings=tuple(context.warn.sentences),
    )


def _pieces(context: Context, request: Request) -> list[Piece]:
    if request.pairs is None:
        return clips.of_corpus(context, request.songs)
    return clips.of_pairs(context, request.pairs, request.songs)


def _players(context: Context, request: Request, chosen: band.Roles, played: Sequence[Piece]) -> list[Player]:
    """All rows: baselines, the bound, models."""
    songs = [corpus_songs.waveform(context.corpus, song) for song in chosen.copied]
    songs_of_band = [
        functools.partial(corpus_songs.waveform, context.corpus, song) for song in chosen.reference
    ]
    wanted = band.long_term_spectrum(context.corpus, chosen.reference)
    before: list[Player] = [
        systems.CopySource(),
        systems.CopyBand(songs, str(chosen.copied)),
        systems.EqMatch(context.spec, wanted, str(chosen.reference)),
    ]
    loaded = list(models.load(request.models, context.spec, context.warn))
    bounds = _oracles(context, loaded) if any(piece.truth for piece in played) else []
    untrained = [make(songs_of_band, str(chosen.reference), context.spec) for make in request.untrained]
    return [*before, *bounds, *untrained, *loaded]


def _oracles(context: Context, loaded: Sequence[systems.Model]) -> list[Player]:
    """The data folder's oracle, and one for every other spec of a model, which bounds that model."""
    rate = context.spec.sample_rate
    others = {model.spec: model for model in reversed(loaded) if model.spec != context.spec}
    return [
        systems.Oracle(context.spec, rate),
        *(systems.Oracle(spec, rate, _bound(model)) for spec, model in reversed(others.items())),
    ]


def _bound(model: systems.Model) -> Method:
    """The row of a model's own oracle."""
    name = f"oracle of {model.method.name}"
    return dataclasses.replace(systems.ORACLE, key=f"oracle-of-{model.method.key}", name=name)


def _rows(context: Context, methods: Sequence[Player], sounds: Sequence[Sound], style: Style) -> list[Row]:
    table, problems = [], Problems()
    for player in console.progress(methods, "comparing with the band", unit="row"):
        measured = {piece.name: each for piece, each in conversion.of_player(context, sounds, player)}
        audio = {name: context.kept.audio(player.method.key, name) for name in measured}
        if measured:
            table.append(rows.row(player.method, measured, audio, context.columns, style, problems))
    problems.tell(context.warn)
    if not table:
        raise UserError("not one row could be measured: see what is said above")
    return table


def _song(context: Context, piece: Piece) -> Song:
    """A song of the result; its truth is written for ears, too."""
    source = context.kept.audio(systems.COPY_SOURCE.key, piece.name)
    truth = context.kept.publish("truth", piece.name, np.load(piece.truth)) if piece.truth else None
    return Song(piece.name, piece.seconds, source, truth)


def _settings(request: Request, chosen: band.Roles, played: Sequence[Piece]) -> dict[str, str]:
    truths, scores = (
        sum(bool(part) for part in parts) for parts in zip(*((p.truth, p.notes) for p in played), strict=True)
    )
    judged = len(chosen.judge_content), len(chosen.judge_band)
    return {
        "data": str(request.data),
        "songs": f"{request.pairs or 'the content songs of the data folder'}: {len(played)} songs, "
        f"{sum(piece.seconds for piece in played) / 60:.1f} minutes, {truths} with the truth, {scores} with "
        "the score",
        "style reference": f"{len(chosen.reference)} songs of the band",
        "style classifier": f"learnt from {judged[0]} other songs and {judged[1]} of the band",
    }
