"""Systems of an evaluation, in the order of their rows: baselines, upper bounds and models."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence

import numpy as np

from pipelines.audio.spec import AudioSpec
from pipelines.data.schema import SongRecord
from pipelines.evaluation import band, band_copies, corpus_songs, eq_match, models, moment_match
from pipelines.evaluation.clips import Clip
from pipelines.evaluation.context import Context
from pipelines.evaluation.results import Method
from pipelines.evaluation.singer_kept import SingerKept
from pipelines.evaluation.systems import (
    EQ_MATCH,
    MOMENT_MATCH,
    ORACLE,
    CopyBand,
    CopySource,
    Equaliser,
    LogMelAlone,
    Oracle,
    System,
    TrainedModel,
)
from pipelines.nn.dials import DIALS

SystemFactory = Callable[[Sequence[Callable[[], np.ndarray]], str, AudioSpec], System]
"""Builds a system from the band's songs (functions that read them, float32 [samples] at the evaluation's
rate), a string that identifies these songs, and the evaluation's spec."""


@dataclasses.dataclass(frozen=True)
class Lineup:
    """Systems of an evaluation.

    Attributes:
        translating: systems that translate the clips.
        playing_band: upper bounds, which play the band's own held-out songs; none where there is the truth.
    """

    translating: tuple[System, ...]
    playing_band: tuple[System, ...]

    @property
    def systems(self) -> tuple[System, ...]:
        """All of them."""
        return (*self.translating, *self.playing_band)


def assemble(
    context: Context,
    entries: Sequence[models.ModelEntry],
    untrained: Sequence[SystemFactory],
    roles: band.Roles,
    clips: Sequence[Clip],
) -> Lineup:
    """Loads and adapts all systems; a warning names each model that cannot be loaded.

    Args:
        context: of the evaluation.
        entries: the models.
        untrained: factories of further systems without training.
        roles: songs of the data folder.
        clips: songs to be translated.
    """
    copies = band_copies.recordings(context.corpus, roles.copied, clips)
    readers = [functools.partial(corpus_songs.waveform, context.corpus, song) for song in roles.training]
    songs = str(roles.training)
    baselines: list[System] = [
        CopySource(),
        CopyBand(copies, str((roles.copied, [clip.key for clip in clips]))),
        *_equalisers(context, roles.training),
    ]
    trained = list(models.load(entries, context.spec, context.warn))
    bounds = _oracles(context, trained) if any(clip.truth for clip in clips) else []
    others = [build(readers, songs, context.spec) for build in untrained]
    playing: list[System] = [LogMelAlone(context.spec), *map(_autoencoder, trained)] if roles.played else []
    rows = [row for model in trained for row in _with_singer_kept(model, clips)]
    _warn_of_missing_stems(context, clips)
    return Lineup((*baselines, *bounds, *others, *rows), tuple(playing))


def _equalisers(context: Context, songs: tuple[SongRecord, ...]) -> list[System]:
    """Both equalisers, adapted to songs of the band, which are read once."""
    spec, levels = context.spec, band.levels(context.corpus, songs)

    def eq(waveform: np.ndarray) -> np.ndarray:
        return eq_match.eq_match(spec, waveform[:, None], levels.spectrum)[:, 0]

    def moments(waveform: np.ndarray) -> np.ndarray:
        return moment_match.moment_match(spec, waveform, levels)

    return [Equaliser(eq, EQ_MATCH, str(songs)), Equaliser(moments, MOMENT_MATCH, str(songs))]


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


def _with_singer_kept(model: TrainedModel, clips: Sequence[Clip]) -> list[System]:
    """A model and, where a clip has a stem and no dial is turned, the same with the singer kept."""
    kept = model.dials == DIALS and any(clip.voice for clip in clips)
    return [model, SingerKept(model)] if kept else [model]


def _warn_of_missing_stems(context: Context, clips: Sequence[Clip]) -> None:
    """Warns if some songs have a stem and others have none: means over them are not comparable."""
    count = sum(clip.voice is not None for clip in clips)
    if 0 < count < len(clips):
        context.warn(
            f"{count} of {len(clips)} songs have a singer's stem: columns of the singer, and rows with the "
            "singer kept, are means over these only"
        )


def _autoencoder(model: TrainedModel) -> TrainedModel:
    """The model as a player of the band's own songs."""
    method = Method(
        f"{model.method.key}-of-the-band",
        f"{model.method.name}, of the band",
        "bound",
        f"Held-out songs of the band, translated by {model.method.name}: an upper bound for its style.",
    )
    return dataclasses.replace(model, method=method)
