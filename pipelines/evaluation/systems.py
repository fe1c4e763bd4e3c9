"""The methods of an evaluation: everything that plays a song."""

from __future__ import annotations

import dataclasses
from typing import Protocol

import numpy as np
import soxr

from pipelines.audio.spec import AudioSpec
from pipelines.evaluation import baselines as recordings
from pipelines.evaluation.clips import Piece
from pipelines.evaluation.results import Method
from pipelines.inference.translate import SongTranslator
from pipelines.metrics import baselines


class Player(Protocol):
    """Interface of a method, which produces the sounds of one row."""

    @property
    def method(self) -> Method:
        """The row."""

    @property
    def identity(self) -> str:
        """Changes when its sounds would."""

    def plays(self, piece: Piece) -> bool:
        """True if the method can process a piece."""

    def play(self, piece: Piece, number: int) -> np.ndarray:
        """Plays a piece.

        Args:
            piece: which.
            number: of the piece, from 0.

        Returns:
            float32 [samples], mono, as long as the source, at any loudness.
        """


COPY_SOURCE = Method("copy-the-source", "copy the source", "baseline", "The song itself: nothing was done.")
COPY_BAND = Method(
    "copy-a-band-song",
    "copy a band song",
    "baseline",
    "Another song of the band, whatever the song was: the band's sound, and nothing kept.",
)
EQ_MATCH = Method(
    "eq-match",
    "EQ match",
    "baseline",
    "The song through an equaliser that gives it the band's mean spectrum.",
)
ORACLE = Method(
    "oracle",
    "oracle",
    "bound",
    "The truth's own mel spectrogram through our inverter: no translator of spectrograms does better.",
)


@dataclasses.dataclass(frozen=True)
class CopySource:
    """Does nothing."""

    method: Method = COPY_SOURCE
    identity: str = ""

    def plays(self, piece: Piece) -> bool:
        """Always."""
        return True

    def play(self, piece: Piece, number: int) -> np.ndarray:
        """The source."""
        return np.load(piece.source)


@dataclasses.dataclass(frozen=True)
class CopyBand:
    """Plays the band's other songs, one after the other; a song that is too short begins again.

    Attributes:
        songs: float32 [samples] each, at least one.
        identity: stands for them.
    """

    songs: list[np.ndarray]
    identity: str
    method: Method = COPY_BAND

    def plays(self, piece: Piece) -> bool:
        """Always."""
        return True

    def play(self, piece: Piece, number: int) -> np.ndarray:
        """A band song."""
        samples = np.load(piece.source, mmap_mode="r").shape
        return np.resize(self.songs[number % len(self.songs)], samples)


@dataclasses.dataclass(frozen=True)
class EqMatch:
    """See `baselines.eq_match`.

    Attributes:
        spec: gives frames and bands.
        wanted: the band's long-term spectrum.
        identity: stands for it.
    """

    spec: AudioSpec
    wanted: np.ndarray
    identity: str
    method: Method = EQ_MATCH

    def plays(self, piece: Piece) -> bool:
        """Always."""
        return True

    def play(self, piece: Piece, number: int) -> np.ndarray:
        """The source, equalised."""
        return baselines.eq_match(self.spec, np.load(piece.source)[:, None], self.wanted)[:, 0]


@dataclasses.dataclass(frozen=True)
class Oracle:
    """See `recordings.oracle`.

    Attributes:
        spec: of the log-mel.
        sample_rate: of the evaluation's sounds, Hz.
        method: its row; one for every spec that a model has.
    """

    spec: AudioSpec
    sample_rate: int
    method: Method = ORACLE

    @property
    def identity(self) -> str:
        """The spec decides."""
        return str(self.spec)

    def plays(self, piece: Piece) -> bool:
        """True if the truth of the piece is known."""
        return piece.truth is not None

    def play(self, piece: Piece, number: int) -> np.ndarray:
        """The truth through mel and inverter."""
        assert piece.truth is not None
        sounds = (np.load(path) for path in (piece.source, piece.truth))
        heard = [at_rate(sound, self.sample_rate, self.spec.sample_rate) for sound in sounds]
        return fitted(recordings.oracle(self.spec, *heard), self.spec, self.sample_rate, piece)


@dataclasses.dataclass(frozen=True)
class Model:
    """A trained translator.

    Attributes:
        translator: plays.
        spec: of its log-mels.
        sample_rate: of the evaluation's sounds, Hz; the model may have another.
        method: with the user's name for it.
        identity: changes when the model is trained further.
        strength: see `SongTranslator.stream`.
    """

    translator: SongTranslator
    spec: AudioSpec
    sample_rate: int
    method: Method
    identity: str
    strength: float = 1.0

    def plays(self, piece: Piece) -> bool:
        """Always."""
        return True

    def play(self, piece: Piece, number: int) -> np.ndarray:
        """The cover."""
        source = np.load(piece.source)
        heard = at_rate(source, self.sample_rate, self.spec.sample_rate)
        pieces = self.translator.stream(iter([heard[:, None]]), len(heard), self.strength)
        cover = np.concatenate(list(pieces))[:, 0]
        return fitted(cover, self.spec, self.sample_rate, piece)


def fitted(waveform: np.ndarray, spec: AudioSpec, sample_rate: int, piece: Piece) -> np.ndarray:
    """A waveform at a spec's rate, brought to the evaluation's, exactly as long as the source."""
    waveform = at_rate(waveform, spec.sample_rate, sample_rate)
    samples = len(np.load(piece.source, mmap_mode="r"))
    return np.pad(waveform, (0, max(0, samples - len(waveform))))[:samples]


def at_rate(waveform: np.ndarray, sample_rate: int, wanted: int) -> np.ndarray:
    """A waveform [samples] at another sample rate, Hz."""
    return waveform if sample_rate == wanted else soxr.resample(waveform, sample_rate, wanted)
