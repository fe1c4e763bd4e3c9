"""Shared context of one evaluation: data folder, store of results, columns and warnings."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.data.corpus import Corpus
from pipelines.data.loader import open_corpus
from pipelines.errors import UserError
from pipelines.evaluation.columns import AnyColumn, Feature, SongColumn, features_of
from pipelines.evaluation.store import Store


class WarningLog:
    """Log of an evaluation's warnings; each distinct sentence is printed once.

    Attributes:
        sentences: in the order of their first occurrence.
    """

    def __init__(self) -> None:
        """Creates an empty log."""
        self.sentences: list[str] = []

    def __call__(self, sentence: str) -> None:
        """Logs and prints a sentence unless it is already in the log."""
        if sentence not in self.sentences:
            self.sentences.append(sentence)
            console.say(f"warning: {sentence}")


@dataclasses.dataclass(frozen=True)
class Context:
    """State that all stages of one evaluation share.

    Attributes:
        corpus: the data folder.
        store: measurements and audio of this and earlier runs.
        columns: the columns to measure.
        jobs: number of worker processes that measure.
        warn: log of the warnings.
    """

    corpus: Corpus
    store: Store
    columns: tuple[AnyColumn, ...]
    jobs: int
    warn: WarningLog

    @classmethod
    def open(cls, data: Path, out: Path, columns: Sequence[AnyColumn], jobs: int) -> Context:
        """Opens a data folder and creates the report's folder.

        Raises:
            UserError: if `data` is no data folder, or `out` cannot be created.
        """
        corpus = open_corpus(data)
        store = Store(out, corpus.spec.sample_rate)
        try:
            store.cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{out} cannot be made ({error.strerror}): write elsewhere") from error
        return cls(corpus, store, tuple(columns), jobs, WarningLog())

    @property
    def spec(self) -> AudioSpec:
        """Audio spec of the data folder, at which everything is measured."""
        return self.corpus.spec

    @property
    def song_columns(self) -> tuple[SongColumn, ...]:
        """The columns that worker processes measure for single songs."""
        return tuple(entry for entry in self.columns if isinstance(entry, SongColumn))

    @property
    def features(self) -> tuple[Feature, ...]:
        """Style features that the columns need."""
        return features_of(self.columns)
