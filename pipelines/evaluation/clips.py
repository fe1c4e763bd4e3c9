"""The songs that are played: from pairs with the truth, or from the data folder without."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from pipelines import console
from pipelines.audio import files
from pipelines.audio.spec import AudioSpec
from pipelines.data.schema import SongRecord
from pipelines.errors import UserError
from pipelines.evaluation import baselines, corpus_songs, pairs, store
from pipelines.evaluation.context import Context, Warnings
from pipelines.evaluation.store import Store

T = TypeVar("T")

SHORTEST = 1.0
"""Seconds; in less there is nothing to measure."""

_SAME_LENGTH = 0.1
"""Seconds by which source and truth may differ without a word."""

_QUIETEST = 1e-4
"""Root mean square of a recording at the training loudness, below which it is silent."""


@dataclasses.dataclass(frozen=True)
class Piece:
    """One song to be played.

    Attributes:
        name: of the song.
        key: stands for its contents.
        source: file of its samples, see `Store.put`; mono, at the training loudness.
        truth: likewise, what the band plays; as long as the source. None where nobody knows.
        notes: its score as MIDI, if there is one.
        seconds: length.
    """

    name: str
    key: str
    source: Path
    truth: Path | None
    notes: Path | None
    seconds: float


def of_pairs(context: Context, folder: Path, most: int | None = None) -> list[Piece]:
    """The pieces of a folder of pairs; those that cannot be used are named and left out.

    Args:
        context: of the evaluation.
        folder: see `pipelines.evaluation.pairs`.
        most: of more, so many are chosen evenly.

    Raises:
        UserError: if there is no pair, or none that can be used.
    """
    makers = [
        functools.partial(_pair, context, source, _name(source, folder))
        for source in _thinned(pairs.find_sources(folder), most)
    ]
    return _usable(makers, folder, context.warn)


def of_corpus(context: Context, most: int | None = None) -> list[Piece]:
    """The content songs of the test split, without the truth; `most` as in `of_pairs`.

    Raises:
        UserError: if there is no song that can be used.
    """
    folder = context.corpus.folder
    choice = corpus_songs.choose(context.corpus, "content", "test", "valid", "train")
    if choice.split != "test":
        context.warn(
            f"{folder} has no test split of content songs (it takes five songs or more): its "
            f"{choice.split} songs are played, which training has used"
        )
    makers = [functools.partial(_song, context, song) for song in _thinned(choice.songs, most)]
    return _usable(makers, folder, context.warn)


def _thinned(songs: Sequence[T], most: int | None) -> list[T]:
    count = min(len(songs), most or len(songs))
    return [songs[int((index + 0.5) * len(songs) / count)] for index in range(count)]


def level(waveform: np.ndarray, spec: AudioSpec) -> np.ndarray:
    """A mono waveform [samples] at the training loudness.

    Raises:
        UserError: if it is silent, or not a number.
    """
    levelled = baselines.at_training_loudness(spec, waveform[:, None])[:, 0]
    if not np.isfinite(levelled).all() or np.sqrt(np.mean(np.square(levelled))) < _QUIETEST:
        raise UserError("it is silent")
    return levelled


def _usable(makers: Sequence[Callable[[], Piece]], folder: Path, warn: Warnings) -> list[Piece]:
    pieces = []
    for make in console.progress(makers, "reading songs", unit="song"):
        try:
            pieces.append(make())
        except UserError as error:
            warn(f"{error}: the song is left out")
    if not pieces:
        raise UserError(f"{folder} holds no song that can be evaluated: see what is said above")
    return pieces


def _pair(context: Context, source: Path, name: str) -> Piece:
    """A pair as a piece; what is wrong with the truth is said, and the piece goes without."""
    spec, warn, truth = context.spec, context.warn, pairs.partner(source)
    if truth is None:
        warn(f"{source} has no truth {pairs.name_of(source)}.band.*: it is not compared with one")
    sound, other = _read(source, spec), _read_truth(truth, spec, warn)
    if other is not None:
        sound, other = _same_length(source, sound, other, spec.sample_rate, warn)
    notes = pairs.notes(source)
    parts = [store.file_identity(path) for path in (source, truth, notes) if path]
    return _kept(name, store.key("piece", *parts, spec), sound, other, notes, context.kept)


def _song(context: Context, song: SongRecord) -> Piece:
    """A song of the data folder as a piece."""
    corpus = context.corpus
    sound = _level(Path(song.name), corpus_songs.waveform(corpus, song), corpus.spec)
    name = song.name.rsplit(".", 1)[0]
    return _kept(name, store.key("piece", corpus.folder.resolve(), song), sound, None, None, context.kept)


def _kept(
    name: str, key: str, sound: np.ndarray, truth: np.ndarray | None, notes: Path | None, kept: Store
) -> Piece:
    source = kept.put(f"{key}-source", sound)
    other = None if truth is None else kept.put(f"{key}-truth", truth)
    return Piece(name, key, source, other, notes, len(sound) / kept.sample_rate)


def _read(path: Path, spec: AudioSpec) -> np.ndarray:
    return _level(path, files.read(path, spec.sample_rate, mono=True)[:, 0], spec)


def _read_truth(path: Path | None, spec: AudioSpec, warn: Warnings) -> np.ndarray | None:
    try:
        return None if path is None else _read(path, spec)
    except UserError as error:
        warn(f"{error}: its source is not compared with the truth")
        return None


def _level(path: Path, waveform: np.ndarray, spec: AudioSpec) -> np.ndarray:
    """See `level`; a mistake names the file."""
    if len(waveform) < SHORTEST * spec.sample_rate:
        raise UserError(f"{path} is shorter than {SHORTEST:.0f} s, too little to be measured")
    try:
        return level(waveform, spec)
    except UserError as error:
        raise UserError(f"{path} cannot be used, for {error}") from error


def _same_length(
    path: Path, source: np.ndarray, truth: np.ndarray, sample_rate: int, warn: Warnings
) -> tuple[np.ndarray, np.ndarray]:
    """Source and truth, the longer one cut; a warning names a difference of more than `_SAME_LENGTH`."""
    length = min(len(source), len(truth))
    if abs(len(source) - len(truth)) > _SAME_LENGTH * sample_rate:
        lasts = f"{len(source) / sample_rate:.1f} s and its truth {len(truth) / sample_rate:.1f} s"
        warn(f"{path} lasts {lasts}: the first {length / sample_rate:.1f} s of both are used")
    return source[:length], truth[:length]


def _name(source: Path, folder: Path) -> str:
    """Unique, although two subfolders may hold files of one name."""
    return (source.parent.relative_to(folder) / pairs.name_of(source)).as_posix()
