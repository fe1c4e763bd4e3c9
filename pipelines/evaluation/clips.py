"""Clips of an evaluation: source songs, with the band's own recording (the truth) where it exists.

They come from a folder of pairs, or from the data folder, which has no truth.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from pipelines import console
from pipelines.audio import files
from pipelines.audio.spec import AudioSpec
from pipelines.data.corpus import Corpus
from pipelines.data.schema import SongRecord
from pipelines.errors import UserError
from pipelines.evaluation import corpus_songs, pairs, voices
from pipelines.evaluation.baselines import at_training_loudness
from pipelines.evaluation.context import Context, WarningLog
from pipelines.evaluation.store import Store, cache_key, file_identity
from pipelines.evaluation.voices import RecordedStem
from pipelines.metrics.waveforms import rms

T = TypeVar("T")

MIN_SECONDS = 1.0
"""Shorter songs are left out: the metrics need at least one second."""

_LENGTH_TOLERANCE = 0.1
"""Seconds by which the lengths of source and truth may differ without a warning."""

_VOICE_SHARE = 0.01
"""Root mean square of a voice as a share of its song's, below which an excerpt has no singer."""

_SILENCE_RMS = 1e-4
"""Root mean square of a recording at the training loudness, below which it is silent."""


@dataclasses.dataclass(frozen=True)
class Clip:
    """One song to be translated, stored as .npy files.

    Attributes:
        name: of the song, unique within the evaluation.
        key: identifies its contents.
        source: file of its samples, float32 [samples], mono, at the training loudness.
        truth: likewise, the band's own recording, as long as the source; None if there is none.
        notes: its score as a MIDI file; None if there is none.
        seconds: length.
        voice: file of the singer as part of the source, whose name changes with its samples; None without a
            stem.
    """

    name: str
    key: str
    source: Path
    truth: Path | None
    notes: Path | None
    seconds: float
    voice: Path | None = None


def clips_from_pairs(context: Context, folder: Path, max_songs: int | None = None) -> list[Clip]:
    """Clips of a folder of pairs; a warning names each song that cannot be used.

    Args:
        context: of the evaluation.
        folder: see `pipelines.evaluation.pairs`.
        max_songs: of more songs, this many are chosen at equal distances; None uses all.

    Raises:
        UserError: if there is no pair, or none that can be used.
    """
    loaders = [
        functools.partial(_clip_from_pair, context, source, _name(source, folder))
        for source in subsample(pairs.find_sources(folder), max_songs)
    ]
    return _load_usable(loaders, folder, context.warn)


def clips_from_corpus(
    context: Context, max_songs: int | None = None, seconds: float | None = None
) -> list[Clip]:
    """Clips of the data folder's content songs, without truth: its test split, or the next one that exists.

    Args:
        context: of the evaluation.
        max_songs: see `clips_from_pairs`.
        seconds: length of the excerpt from the middle of each song; None for whole songs.

    Raises:
        UserError: if there is no song that can be used.
    """
    folder = context.corpus.folder
    selection = corpus_songs.select(context.corpus, "content", "test", "valid", "train")
    if selection.split != "test":
        context.warn(
            f"{folder} has no test split of content songs (it takes five songs or more): its "
            f"{selection.split} songs are used, which training has used"
        )
    stems = corpus_songs.with_stems(context.corpus, "content")
    return _clips_from_songs(context, subsample(selection.songs, max_songs), seconds, stems)


def clips_from_band(
    context: Context, songs: Sequence[SongRecord], seconds: float | None = None
) -> list[Clip]:
    """Clips of songs of the band, whose names begin with "band: "; see `clips_from_corpus`."""
    clips = _clips_from_songs(context, songs, seconds) if songs else []
    return [dataclasses.replace(clip, name=f"band: {clip.name}") for clip in clips]


def _clips_from_songs(
    context: Context,
    songs: Sequence[SongRecord],
    seconds: float | None,
    stems: Mapping[SongRecord, RecordedStem | None] = MappingProxyType({}),
) -> list[Clip]:
    loaders = [functools.partial(_clip_from_song, context, song, seconds, stems.get(song)) for song in songs]
    return _load_usable(loaders, context.corpus.folder, context.warn)


def subsample(songs: Sequence[T], max_songs: int | None) -> list[T]:
    """At most this number of songs, chosen at equal distances; all for None."""
    count = min(len(songs), max_songs or len(songs))
    return [songs[int((index + 0.5) * len(songs) / count)] for index in range(count)]


def normalise_loudness(waveform: np.ndarray, spec: AudioSpec) -> np.ndarray:
    """Scales a mono waveform [samples] to the training loudness.

    Raises:
        UserError: if it is silent, or has samples that are not finite.
    """
    normalised = at_training_loudness(spec, waveform[:, None])[:, 0]
    if not np.isfinite(normalised).all() or np.sqrt(np.mean(np.square(normalised))) < _SILENCE_RMS:
        raise UserError("it is silent")
    return normalised


def _load_usable(loaders: Sequence[Callable[[], Clip]], folder: Path, warn: WarningLog) -> list[Clip]:
    clips = []
    for load in console.progress(loaders, "reading songs", unit="song"):
        try:
            clips.append(load())
        except UserError as error:
            warn(f"{error}: the song is left out")
    if not clips:
        raise UserError(f"{folder} holds no song that can be evaluated: see the warnings above")
    return clips


def _clip_from_pair(context: Context, source: Path, name: str) -> Clip:
    """Clip of one pair; without truth, and with a warning, where the truth is missing or unusable."""
    spec, warn, truth = context.spec, context.warn, pairs.band_path(source)
    if truth is None:
        warn(f"{source} has no truth {pairs.name_of(source)}.band.*: it is not compared with one")
    source_samples, truth_samples = _read(source, spec), _read_truth(truth, spec, warn)
    stem = pairs.stem_of(source)
    recorded = (
        RecordedStem(str(stem.path), stem.role, functools.partial(_read, stem.path, spec)) if stem else None
    )
    voice = _voice(context, str(source), source_samples, recorded)
    if truth_samples is not None:
        source_samples, truth_samples = _trim_to_shorter(
            source, source_samples, truth_samples, spec.sample_rate, warn
        )
    notes = pairs.notes_path(source)
    identities = [file_identity(path) for path in (source, truth, notes) if path]
    key = cache_key("clip", *identities, spec)
    return _stored_clip(context.store, name, key, source_samples, truth_samples, notes, voice)


def _clip_from_song(
    context: Context, song: SongRecord, seconds: float | None, stem: RecordedStem | None
) -> Clip:
    """Clip of a song of the data folder, or of the middle of one."""
    corpus = context.corpus
    waveform = corpus_songs.waveform(corpus, song)
    voice = _voice(context, song.name, waveform, stem)
    if seconds is not None:
        samples = round(seconds * corpus.spec.sample_rate)
        start = max(0, len(waveform) - samples) // 2
        waveform = waveform[start : start + samples]
        voice = None if voice is None else voice[start : start + samples]
    source = _normalise_file(Path(song.name), waveform, corpus.spec)
    if voice is not None and rms(voice) < _VOICE_SHARE * rms(waveform):
        context.warn(f"{song.name} has no singing in the excerpt: the song is evaluated without its stem")
        voice = None
    voice = None if voice is None else voice * np.float32(rms(source) / rms(waveform))
    name = song.name.rsplit(".", 1)[0]
    return _stored_clip(context.store, name, clip_key(corpus, song, seconds), source, voice=voice)


def _voice(context: Context, name: str, song: np.ndarray, stem: RecordedStem | None) -> np.ndarray | None:
    """The voice in a song, see `voices.separate`; None, with a warning, if the stem does not fit."""
    try:
        return voices.separate(name, song, stem, context.spec.sample_rate) if stem else None
    except UserError as error:
        context.warn(f"{error}: the song is evaluated without its stem")
        return None


def clip_key(corpus: Corpus, song: SongRecord, seconds: float | None = None) -> str:
    """`Clip.key` of a song of the data folder, or of an excerpt of it."""
    return cache_key("clip", corpus.folder.resolve(), song, *([] if seconds is None else [seconds]))


def _stored_clip(
    store: Store,
    name: str,
    key: str,
    source: np.ndarray,
    truth: np.ndarray | None = None,
    notes: Path | None = None,
    voice: np.ndarray | None = None,
) -> Clip:
    """Clip of waveforms, which are stored; a voice that is longer than its source is cut."""
    source_path = store.put_waveform(f"{key}-source", source)
    truth_path = None if truth is None else store.put_waveform(f"{key}-truth", truth)
    voice_path = None if voice is None else _put_voice(store, key, voice[: len(source)])
    return Clip(name, key, source_path, truth_path, notes, len(source) / store.sample_rate, voice_path)


def _put_voice(store: Store, key: str, voice: np.ndarray) -> Path:
    """Stores a voice under a name with a digest of its samples."""
    return store.put_waveform(f"{key}-voice-{hashlib.sha256(voice.tobytes()).hexdigest()[:12]}", voice)


def _read(path: Path, spec: AudioSpec) -> np.ndarray:
    return _normalise_file(path, files.read(path, spec.sample_rate, mono=True)[:, 0], spec)


def _read_truth(path: Path | None, spec: AudioSpec, warn: WarningLog) -> np.ndarray | None:
    try:
        return None if path is None else _read(path, spec)
    except UserError as error:
        warn(f"{error}: its source is not compared with the truth")
        return None


def _normalise_file(path: Path, waveform: np.ndarray, spec: AudioSpec) -> np.ndarray:
    """`normalise_loudness` with errors that name the file."""
    if len(waveform) < MIN_SECONDS * spec.sample_rate:
        raise UserError(f"{path} is shorter than {MIN_SECONDS:.0f} s, too little to be measured")
    try:
        return normalise_loudness(waveform, spec)
    except UserError as error:
        raise UserError(f"{path} cannot be used, for {error}") from error


def _trim_to_shorter(
    path: Path, source: np.ndarray, truth: np.ndarray, sample_rate: int, warn: WarningLog
) -> tuple[np.ndarray, np.ndarray]:
    """Source and truth, the longer one cut; warns of a difference of more than `_LENGTH_TOLERANCE`."""
    length = min(len(source), len(truth))
    if abs(len(source) - len(truth)) > _LENGTH_TOLERANCE * sample_rate:
        lengths = f"{len(source) / sample_rate:.1f} s and its truth {len(truth) / sample_rate:.1f} s"
        warn(f"{path} lasts {lengths}: the first {length / sample_rate:.1f} s of both are used")
    return source[:length], truth[:length]


def _name(source: Path, folder: Path) -> str:
    """Path below the folder without endings: unique, although subfolders may hold files of the same name."""
    return (source.parent.relative_to(folder) / pairs.name_of(source)).as_posix()
