"""Songs of the data folder in an evaluation: style reference, style classifier and baselines."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.data.schema import SongRecord
from pipelines.errors import UserError
from pipelines.evaluation import corpus_songs, eq_match
from pipelines.evaluation.columns import FEATURES, Feature, StyleReference
from pipelines.evaluation.context import Context
from pipelines.evaluation.measurement import Task, measure_all
from pipelines.evaluation.store import Measurements, Store, cache_key
from pipelines.metrics.classifier import StyleClassifier

MAX_WINDOWS = 2000
"""Largest number of windows of the style reference; more of them slow distances down without making them
more accurate, so the windows are subsampled at equal distances."""


@dataclasses.dataclass(frozen=True)
class Roles:
    """Songs of the data folder by their role in the evaluation.

    Attributes:
        reference: the band's songs that style is compared with.
        copied: the band's songs of the baseline that copies one.
        classifier_content: content songs that the style classifier is trained on.
        classifier_band: the band's songs that it is trained on.
    """

    reference: tuple[SongRecord, ...]
    copied: tuple[SongRecord, ...]
    classifier_content: tuple[SongRecord, ...]
    classifier_band: tuple[SongRecord, ...]


def assign_roles(context: Context, *, paired: bool) -> Roles:
    """Assigns songs of the data folder to roles; warns where there are too few.

    Args:
        context: of the evaluation.
        paired: true if the clips come from a folder of pairs, which leaves the test split to the classifier.
    """
    corpus = context.corpus
    reference = corpus_songs.select(corpus, "band", "train").songs
    copied = corpus_songs.select(corpus, "band", "test", "valid", "train")
    if copied.split == "train":
        reference = _without_copied(context, reference)
        copied = dataclasses.replace(copied, songs=copied.songs[:1])
    content, band = (_classifier_songs(context, domain, paired) for domain in ("content", "band"))
    return Roles(reference, copied.songs, content, band)


def _without_copied(context: Context, songs: tuple[SongRecord, ...]) -> tuple[SongRecord, ...]:
    if len(songs) > 1:
        return songs[1:]
    context.warn(
        f"{context.corpus.folder} has only one song of the band: the row that copies it is compared "
        "with that very song, so its style is perfect by construction"
    )
    return songs


def _classifier_songs(context: Context, domain: str, paired: bool) -> tuple[SongRecord, ...]:
    """Held-out songs of a domain, on which nothing else is trained; its train split if there are none."""
    corpus = context.corpus
    splits = ("valid", "test") if paired else ("valid",)
    songs = tuple(song for split in splits for song in corpus_songs.select(corpus, domain, split).songs)
    if songs:
        return songs
    context.warn(
        f"{corpus.folder} has no held-out {domain} songs: the style classifier is trained on songs that "
        "models are trained on, so P(band) may flatter them"
    )
    return corpus_songs.select(corpus, domain, "train").songs


def waveforms(corpus: Corpus, songs: tuple[SongRecord, ...], description: str) -> Iterator[np.ndarray]:
    """Yields whole songs, float32 [samples], with a progress bar."""
    for song in console.progress(songs, description, unit="song"):
        yield corpus_songs.waveform(corpus, song)


def long_term_spectrum(corpus: Corpus, songs: tuple[SongRecord, ...]) -> np.ndarray:
    """Long-term average spectrum of songs, [n_mels] dB, see `eq_match.long_term_spectrum`."""
    return eq_match.long_term_spectrum(corpus.spec, waveforms(corpus, songs, "the band's spectrum"))


def style_reference(context: Context, roles: Roles) -> StyleReference:
    """Style reference of the evaluation: the band's feature windows and the style classifier.

    Without enough songs to train the classifier, a warning is issued and the reference has no classifier.

    Raises:
        UserError: if not one of the band's songs can be measured.
    """
    songs = {*roles.reference, *roles.classifier_content, *roles.classifier_band}
    measurements = _measure(context, sorted(songs, key=lambda song: song.key))
    reference = [measurements[song.key] for song in roles.reference if song.key in measurements]
    windows = {name: _windows(reference, name) for name in FEATURES}
    training = (
        [
            measurements[song.key].features.get("statistics", np.zeros((0, 1)))
            for song in songs
            if song.key in measurements
        ]
        for songs in (roles.classifier_content, roles.classifier_band)
    )
    try:
        return StyleReference(windows, StyleClassifier.fit(*training))
    except UserError as error:
        context.warn(f"P(band) is left out: {error}")
        return StyleReference(windows)


def _measure(context: Context, songs: list[SongRecord]) -> dict[str, Measurements]:
    """Measurements of songs, by song key; songs that cannot be measured are left out with a warning."""
    corpus, store = context.corpus, context.store
    tasks = {song.key: _task(corpus, song, store) for song in songs}
    pending = tuple(song for song in songs if Measurements.load(tasks[song.key].target) is None)
    for song, waveform in zip(pending, waveforms(corpus, pending, "reading the data folder"), strict=True):
        store.put_waveform(tasks[song.key].waveform.stem, waveform)
    for problem in measure_all(list(tasks.values()), "measuring the data folder", context.jobs):
        context.warn(problem)
    loaded = {key: Measurements.load(task.target) for key, task in tasks.items()}
    return {key: measurements for key, measurements in loaded.items() if measurements is not None}


def _task(corpus: Corpus, song: SongRecord, store: Store) -> Task:
    key = cache_key("data", corpus.folder.resolve(), song)
    waveform = store.waveform(key)
    return Task(song.name, store.measurements(key), corpus.spec, waveform, waveform)


def _windows(songs: list[Measurements], name: Feature) -> np.ndarray:
    """Windows of the reference, at most `MAX_WINDOWS`, [n, d]."""
    found = [song.features[name] for song in songs if len(song.features.get(name, ()))]
    if not found:
        return np.zeros((0, 1))
    windows = np.concatenate(found)
    return windows[:: -(-len(windows) // MAX_WINDOWS)]
