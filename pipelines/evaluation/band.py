"""The band's songs in the data folder: what style is judged by, and what baselines take from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.data.schema import SongRecord
from pipelines.errors import UserError
from pipelines.evaluation import corpus_songs, store
from pipelines.evaluation.columns import FEATURES, Feature, Style
from pipelines.evaluation.context import Context
from pipelines.evaluation.measurement import Task, measure_all
from pipelines.evaluation.store import Measured, Store
from pipelines.metrics import baselines
from pipelines.metrics.classifier import StyleClassifier

MOST_WINDOWS = 2000
"""Of the reference: more make distances no surer, but slow, and are left out evenly."""


@dataclasses.dataclass(frozen=True)
class Roles:
    """Songs of the data folder by their role in the evaluation.

    Attributes:
        reference: the band's songs that style is compared with.
        copied: the band's songs of the row that copies one.
        judge_content: content songs on which the style classifier is trained.
        judge_band: the band's songs on which it is trained.
    """

    reference: tuple[SongRecord, ...]
    copied: tuple[SongRecord, ...]
    judge_content: tuple[SongRecord, ...]
    judge_band: tuple[SongRecord, ...]


def roles(context: Context, *, paired: bool) -> Roles:
    """Chooses songs, and says where there are too few of them.

    Args:
        context: of the evaluation.
        paired: the played songs come from elsewhere, so that the classifier may have the test split, too.
    """
    corpus = context.corpus
    reference = corpus_songs.choose(corpus, "band", "train").songs
    copied = corpus_songs.choose(corpus, "band", "test", "valid", "train")
    if copied.split == "train":
        reference = _without_copied(context, reference)
        copied = dataclasses.replace(copied, songs=copied.songs[:1])
    content, band = (_judged(context, domain, paired) for domain in ("content", "band"))
    return Roles(reference, copied.songs, content, band)


def _without_copied(context: Context, songs: tuple[SongRecord, ...]) -> tuple[SongRecord, ...]:
    if len(songs) > 1:
        return songs[1:]
    context.warn(
        f"{context.corpus.folder} has only one song of the band: the row that copies it is compared "
        "with that very song, so its style is perfect by construction"
    )
    return songs


def _judged(context: Context, domain: str, paired: bool) -> tuple[SongRecord, ...]:
    """The songs of a domain that no translator and no discriminator learns from, or all there are."""
    corpus = context.corpus
    splits = ("valid", "test") if paired else ("valid",)
    songs = tuple(song for split in splits for song in corpus_songs.choose(corpus, domain, split).songs)
    if songs:
        return songs
    context.warn(
        f"{corpus.folder} has no held-out {domain} songs: the style classifier learns from those that models "
        "are trained on, so P(band) may flatter them"
    )
    return corpus_songs.choose(corpus, domain, "train").songs


def sounds(corpus: Corpus, songs: tuple[SongRecord, ...], description: str) -> Iterator[np.ndarray]:
    """Whole songs, one after the other, with a bar."""
    for song in console.progress(songs, description, unit="song"):
        yield corpus_songs.waveform(corpus, song)


def long_term_spectrum(corpus: Corpus, songs: tuple[SongRecord, ...]) -> np.ndarray:
    """See `baselines.long_term_spectrum`."""
    return baselines.long_term_spectrum(corpus.spec, sounds(corpus, songs, "the band's spectrum"))


def style(context: Context, chosen: Roles) -> Style:
    """Style reference of the evaluation: the band's feature windows and the style classifier.

    Without enough songs to train the classifier, a warning is issued and the reference has no classifier.

    Raises:
        UserError: if not one of the band's songs can be measured.
    """
    every = {*chosen.reference, *chosen.judge_content, *chosen.judge_band}
    measured = _features(context, sorted(every, key=lambda song: song.key))
    reference = [measured[song.key] for song in chosen.reference if song.key in measured]
    windows = {name: _windows(reference, name) for name in FEATURES}
    judged = (
        [
            measured[song.key].features.get("statistics", np.zeros((0, 1)))
            for song in songs
            if song.key in measured
        ]
        for songs in (chosen.judge_content, chosen.judge_band)
    )
    try:
        return Style(windows, StyleClassifier.fit(*judged))
    except UserError as error:
        context.warn(f"P(band) is left out: {error}")
        return Style(windows)


def _features(context: Context, songs: list[SongRecord]) -> dict[str, Measured]:
    """The features of songs, by their keys."""
    corpus, kept = context.corpus, context.kept
    tasks = {song.key: _task(corpus, song, kept) for song in songs}
    waiting = [song for song in songs if Measured.load(tasks[song.key].target) is None]
    for song, sound in zip(waiting, sounds(corpus, tuple(waiting), "reading the data folder"), strict=True):
        kept.put(tasks[song.key].sound.stem, sound)
    for problem in measure_all(list(tasks.values()), "measuring the data folder", context.jobs):
        context.warn(problem)
    loaded = {key: Measured.load(task.target) for key, task in tasks.items()}
    return {key: measured for key, measured in loaded.items() if measured is not None}


def _task(corpus: Corpus, song: SongRecord, kept: Store) -> Task:
    name = store.key("data", corpus.folder.resolve(), song)
    sound = kept.sound(name)
    return Task(song.name, kept.measured(name), corpus.spec, sound, sound)


def _windows(songs: list[Measured], name: Feature) -> np.ndarray:
    """All windows of the reference, thinned out evenly where there are too many."""
    found = [song.features[name] for song in songs if len(song.features.get(name, ()))]
    if not found:
        return np.zeros((0, 1))
    windows = np.concatenate(found)
    return windows[:: -(-len(windows) // MOST_WINDOWS)]
