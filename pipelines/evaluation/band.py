"""Songs of the data folder in an evaluation: style reference, style classifier and baselines."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.data.schema import SongRecord
from pipelines.errors import UserError
from pipelines.evaluation import band_copies, corpus_songs
from pipelines.evaluation.clips import Clip, clip_key, subsample
from pipelines.evaluation.columns import Feature, StyleReference
from pipelines.evaluation.context import Context
from pipelines.evaluation.measurement import Task, measure_all
from pipelines.evaluation.mel_levels import MelLevels, measure_levels
from pipelines.evaluation.store import Measurements, cache_key
from pipelines.metrics.classifier import StyleClassifier

MAX_WINDOWS = 2000
"""Largest number of windows of the style reference; more of them slow distances down without making them
more accurate, so the windows are subsampled at equal distances."""


@dataclasses.dataclass(frozen=True)
class Roles:
    """Songs of the data folder by their role in the evaluation.

    No song of the reference is copied, and the style classifier is trained on no song that a row plays.

    Attributes:
        reference: the band's songs that style is compared with: held-out ones, or, where the clips have the
            truth or nothing is held out, of the train split.
        training: the band's train split, which baselines are adapted to.
        copied: the band's songs of the baseline that copies one; none where it copies the truths of other
            clips (see `band_copies`), or where the band has one song only.
        played: the band's held-out songs that upper bounds play; none where the clips have the truth.
        classifier_content: content songs that the style classifier is trained on.
        classifier_band: the band's songs that it is trained on.
    """

    reference: tuple[SongRecord, ...]
    training: tuple[SongRecord, ...]
    copied: tuple[SongRecord, ...]
    played: tuple[SongRecord, ...]
    classifier_content: tuple[SongRecord, ...]
    classifier_band: tuple[SongRecord, ...]


def assign_roles(context: Context, clips: Sequence[Clip], seconds: float | None = None) -> Roles:
    """Assigns songs of the data folder to roles; warns where there are too few.

    Args:
        context: of the evaluation.
        clips: that every row plays.
        seconds: length of the clips, see `clips.clips_from_corpus`.
    """
    corpus = context.corpus
    test, train, valid = (
        corpus_songs.select(corpus, "band", each).songs for each in ("test", "train", "valid")
    )
    is_unpaired = not any(clip.truth for clip in clips)
    if is_unpaired and train and (test or valid):
        copied = _copied(context, subsample(train, len(clips)), clips)
        reference, played = (*test, *valid), test or valid
    else:
        # The test split, then at most half of the train split; the valid split is left to the classifier.
        candidates = (*test, *train[len(train) - len(train) // 2 :]) or valid
        remaining = band_copies.without_other_truth(clips)
        copied = _copied(context, candidates[: len(remaining)], remaining)
        reference, played = tuple(song for song in train if song not in copied), ()
    names = {clip.key for clip in clips}
    content = corpus.manifest.domains["content"].songs
    used = {*copied, *played, *(song for song in content if clip_key(corpus, song, seconds) in names)}
    return Roles(
        tuple(song for song in reference if song not in copied),
        train,
        copied,
        played,
        *(_classifier_songs(context, domain, used) for domain in ("content", "band")),
    )


def _copied(context: Context, songs: Sequence[SongRecord], clips: Sequence[Clip]) -> tuple[SongRecord, ...]:
    """The songs; warns where they are fewer than the clips that need one."""
    folder = context.corpus.folder
    if clips and not songs:
        context.warn(
            f"{folder} has only one song of the band, which style is compared with: the row that copies "
            "another one is left out"
        )
    elif len(songs) < len(clips):
        context.warn(
            f"{folder} has {len(songs)} songs of the band to copy for {len(clips)} songs: the row that "
            "copies them plays another stretch of one for each, repeated where it is too short, and its "
            "style distances read too high; prepare more songs of the band"
        )
    return tuple(songs)


def _classifier_songs(
    context: Context, domain: str, played: Collection[SongRecord]
) -> tuple[SongRecord, ...]:
    """Songs of a domain that no row plays: held-out ones; without any, those that models are trained on."""
    corpus = context.corpus
    splits = (corpus_songs.select(corpus, domain, split).songs for split in ("valid", "test", "train"))
    valid, test, train = (tuple(song for song in songs if song not in played) for songs in splits)
    if valid or test:
        return valid + test
    if train:
        context.warn(
            f"{corpus.folder} has no held-out {domain} songs that no row plays: the style classifier is "
            "trained on songs that models are trained on, so P(band) may flatter them"
        )
    return train


def waveforms(corpus: Corpus, songs: tuple[SongRecord, ...], description: str) -> Iterator[np.ndarray]:
    """Yields whole songs, float32 [samples], with a progress bar."""
    for song in console.progress(songs, description, unit="song"):
        yield corpus_songs.waveform(corpus, song)


def levels(corpus: Corpus, songs: tuple[SongRecord, ...]) -> MelLevels:
    """Levels of songs, see `mel_levels.measure_levels`."""
    return measure_levels(corpus.spec, waveforms(corpus, songs, "the band's levels"))


def style_reference(context: Context, roles: Roles) -> StyleReference:
    """Style reference of the evaluation: the band's feature windows and the style classifier.

    Without enough songs to train the classifier, a warning is issued and the reference has no classifier.

    Raises:
        UserError: if not one of the band's songs can be measured.
    """
    songs = {*roles.reference, *roles.classifier_content, *roles.classifier_band}
    measurements = _measure(context, sorted(songs, key=lambda song: song.key))
    reference = [measurements[song.key] for song in roles.reference if song.key in measurements]
    songs_windows = {name: _of_songs(reference, name) for name in context.features}
    windows = {name: _subsampled(each) for name, each in songs_windows.items()}
    training = (
        [
            measurements[song.key].features.get("statistics", np.zeros((0, 1)))
            for song in songs
            if song.key in measurements
        ]
        for songs in (roles.classifier_content, roles.classifier_band)
    )
    try:
        return StyleReference(windows, songs_windows, StyleClassifier.fit(*training))
    except UserError as error:
        context.warn(f"P(band) is left out: {error}")
        return StyleReference(windows, songs_windows)


def _measure(context: Context, songs: list[SongRecord]) -> dict[str, Measurements]:
    """Measurements of songs, by song key; songs that cannot be measured are left out with a warning."""
    corpus, store = context.corpus, context.store
    tasks = {song.key: _task(context, song) for song in songs}
    pending = tuple(song for song in songs if Measurements.load(tasks[song.key].target) is None)
    for song, waveform in zip(pending, waveforms(corpus, pending, "reading the data folder"), strict=True):
        store.put_waveform(tasks[song.key].waveform.stem, waveform)
    for problem in measure_all(list(tasks.values()), "measuring the data folder", context.jobs):
        context.warn(problem)
    loaded = {key: Measurements.load(task.target) for key, task in tasks.items()}
    return {key: measurements for key, measurements in loaded.items() if measurements is not None}


def _task(context: Context, song: SongRecord) -> Task:
    store, features = context.store, context.features
    key = cache_key("data", context.corpus.folder.resolve(), song, ",".join(features))
    waveform = store.waveform(key)
    return Task(song.name, store.measurements(key), context.spec, waveform, waveform, features=features)


def _of_songs(songs: Sequence[Measurements], name: Feature) -> list[np.ndarray]:
    """Windows of each song that has any, [n, d]."""
    return [song.features[name] for song in songs if len(song.features.get(name, ()))]


def _subsampled(songs: Sequence[np.ndarray]) -> np.ndarray:
    """Windows of all songs, at most `MAX_WINDOWS`, [n, d]."""
    if not songs:
        return np.zeros((0, 1))
    windows = np.concatenate(songs)
    return windows[:: -(-len(windows) // MAX_WINDOWS)]
