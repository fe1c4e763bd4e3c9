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
from pipelines.evaluation.columns import AnyColumn, SongColumn
from pipelines.evaluation.store import Store


class Warnings:
    """Says every sentence once, and remembers it."""

    def __init__(self) -> None:
        """Starts without any."""
        self.sentences: list[str] = []

    def __call__(self, sentence: str) -> None:
        """Takes a sentence."""
        if sentence not in self.sentences:
            self.sentences.append(sentence)
            console.say(f"warning: {sentence}")


@dataclasses.dataclass(frozen=True)
class Context:
    """One evaluation.

    Attributes:
        corpus: the data folder.
        kept: what is measured already.
        columns: what to measure.
        jobs: processes that measure.
        warn: takes what the user has to know.
    """

    corpus: Corpus
    kept: Store
    columns: tuple[AnyColumn, ...]
    jobs: int
    warn: Warnings

    @classmethod
    def open(cls, data: Path, out: Path, columns: Sequence[AnyColumn], jobs: int) -> Context:
        """Opens a data folder and a folder for the report.

        Raises:
            UserError: if the first is none, or the second cannot be made.
        """
        corpus = open_corpus(data)
        kept = Store(out, corpus.spec.sample_rate)
        try:
            kept.cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{out} cannot be made ({error.strerror}): write elsewhere") from error
        return cls(corpus, kept, tuple(columns), jobs, Warnings())

    @property
    def spec(self) -> AudioSpec:
        """Of all sounds."""
        return self.corpus.spec

    @property
    def song_columns(self) -> tuple[SongColumn, ...]:
        """Those that are measured of single sounds."""
        return tuple(entry for entry in self.columns if isinstance(entry, SongColumn))
