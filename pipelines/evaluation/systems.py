"""Systems of an evaluation: baselines, upper bound and trained models. Each has one row in the table."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
import soxr

from pipelines.audio.spec import AudioSpec
from pipelines.evaluation import baselines
from pipelines.evaluation.clips import Clip
from pipelines.evaluation.results import Method
from pipelines.inference.translate import SongTranslator
from pipelines.nn.dials import DIALS, Dials

_PIECE_SECONDS = 60


class System(Protocol):
    """Interface of a system: translates clips for one row of the table."""

    @property
    def method(self) -> Method:
        """Name, kind and explanation of the row."""

    @property
    def identity(self) -> str:
        """Changes whenever the system's output would change."""

    def supports(self, clip: Clip) -> bool:
        """True if the system can translate a clip."""

    def translate(self, clip: Clip, index: int) -> np.ndarray:
        """Translates a clip.

        Args:
            clip: the clip.
            index: of the clip in the evaluation, from 0.

        Returns:
            float32 [samples], mono, as long as the source, at any loudness.
        """


COPY_SOURCE = Method("copy-the-source", "copy the source", "baseline", "The song itself, unchanged.")
COPY_BAND = Method(
    "copy-a-band-song",
    "copy a band song",
    "baseline",
    "Another song of the band for each song: the band's sound, and none of the song's content.",
)
EQ_MATCH = Method(
    "eq-match",
    "EQ match",
    "baseline",
    "The song through an equaliser that gives it the band's mean spectrum.",
)
MOMENT_MATCH = Method(
    "moment-match",
    "mean and deviation match",
    "baseline",
    "The song with the level of every mel band stretched and shifted over time to the band's mean and "
    "deviation: the strongest change of sound without a model.",
)
BAND_ORACLE = Method(
    "band-oracle",
    "the band's log-mels inverted",
    "bound",
    "Held-out songs of the band from their log-mels alone, by Griffin-Lim from random phases: what a log-mel "
    "says of the style, and what of the content it loses without the phases of a source.",
)
ORACLE = Method(
    "oracle",
    "oracle",
    "bound",
    "The truth's own mel spectrogram through our inverter: an upper bound for mel-based systems.",
)


@dataclasses.dataclass(frozen=True)
class CopySource:
    """Baseline that returns the source: perfect content, none of the band's style."""

    method: Method = COPY_SOURCE
    identity: str = ""

    def supports(self, clip: Clip) -> bool:
        """True for every clip."""
        return True

    def translate(self, clip: Clip, index: int) -> np.ndarray:
        """The source."""
        return np.load(clip.source)


@dataclasses.dataclass(frozen=True)
class CopyBand:
    """Baseline that returns another recording of the band for each clip: perfect style, none of its content.

    A recording that is shorter than the clip is repeated.

    Attributes:
        recordings: reads the recording, float32 [samples], by the clip's key; see `band_copies`.
        identity: identifies them.
    """

    recordings: Mapping[str, Callable[[], np.ndarray]]
    identity: str
    method: Method = COPY_BAND

    def supports(self, clip: Clip) -> bool:
        """True if there is a recording for the clip."""
        return clip.key in self.recordings

    def translate(self, clip: Clip, index: int) -> np.ndarray:
        """The recording, cut or repeated to the clip's length."""
        shape = np.load(clip.source, mmap_mode="r").shape
        return np.resize(self.recordings[clip.key](), shape)


@dataclasses.dataclass(frozen=True)
class Equaliser:
    """Baseline that equalises the source to the band's sound.

    Attributes:
        equalise: the source, float32 [samples], to the equalised source.
        method: its row.
        identity: identifies the band's songs that it is adapted to.
    """

    equalise: Callable[[np.ndarray], np.ndarray]
    method: Method
    identity: str

    def supports(self, clip: Clip) -> bool:
        """True for every clip."""
        return True

    def translate(self, clip: Clip, index: int) -> np.ndarray:
        """The source, equalised."""
        return self.equalise(np.load(clip.source))


@dataclasses.dataclass(frozen=True)
class Oracle:
    """Upper bound: the truth's log-mel through the inverter, see `baselines.oracle`.

    Attributes:
        spec: of the log-mel.
        sample_rate: of the evaluation's audio, Hz.
        method: its row; every spec that a model has gets an oracle of its own.
    """

    spec: AudioSpec
    sample_rate: int
    method: Method = ORACLE

    @property
    def identity(self) -> str:
        """The spec, which determines the output."""
        return str(self.spec)

    def supports(self, clip: Clip) -> bool:
        """True if the clip has its truth."""
        return clip.truth is not None

    def translate(self, clip: Clip, index: int) -> np.ndarray:
        """The truth through mel spectrogram and inverter."""
        assert clip.truth is not None
        waveforms = (np.load(path) for path in (clip.source, clip.truth))
        source, truth = (resample(each, self.sample_rate, self.spec.sample_rate) for each in waveforms)
        return fit_to_clip(baselines.oracle(self.spec, source, truth), self.spec, self.sample_rate, clip)


@dataclasses.dataclass(frozen=True)
class LogMelAlone:
    """Upper bound: the clip's own log-mel, inverted without its phases.

    Attributes:
        spec: of the log-mel, at the evaluation's sample rate.
    """

    spec: AudioSpec
    method: Method = BAND_ORACLE

    @property
    def identity(self) -> str:
        """The spec, which determines the output."""
        return str(self.spec)

    def supports(self, clip: Clip) -> bool:
        """True for every clip."""
        return True

    def translate(self, clip: Clip, index: int) -> np.ndarray:
        """The clip from its log-mel, inverted in pieces, so that memory is bounded."""
        source = np.load(clip.source)
        starts = range(0, len(source), _PIECE_SECONDS * self.spec.sample_rate)
        return np.concatenate(
            [baselines.log_mel_alone(self.spec, piece) for piece in np.split(source, starts[1:])]
        )


@dataclasses.dataclass(frozen=True)
class TrainedModel:
    """A trained translator.

    Attributes:
        translator: translates songs.
        spec: of its log-mels.
        sample_rate: of the evaluation's audio, Hz; the model's may differ.
        method: its row, with the user's label.
        identity: changes when the model is trained further.
        dials: of every song.
    """

    translator: SongTranslator
    spec: AudioSpec
    sample_rate: int
    method: Method
    identity: str
    dials: Dials = DIALS

    def supports(self, clip: Clip) -> bool:
        """True for every clip."""
        return True

    def translate(self, clip: Clip, index: int) -> np.ndarray:
        """The model's translation."""
        return self.convert(np.load(clip.source))

    def convert(self, waveform: np.ndarray) -> np.ndarray:
        """Translation of a waveform at the training loudness, float32 [samples] both."""
        source = resample(waveform, self.sample_rate, self.spec.sample_rate)
        blocks = self.translator.translate_blocks(iter([source[:, None]]), len(source), self.dials)
        translation = np.concatenate(list(blocks))[:, 0]
        return _fit(translation, self.spec, self.sample_rate, len(waveform))


def fit_to_clip(waveform: np.ndarray, spec: AudioSpec, sample_rate: int, clip: Clip) -> np.ndarray:
    """Resamples a waveform [samples] from a spec's rate to the evaluation's; pads or cuts it to the clip."""
    return _fit(waveform, spec, sample_rate, len(np.load(clip.source, mmap_mode="r")))


def _fit(waveform: np.ndarray, spec: AudioSpec, sample_rate: int, samples: int) -> np.ndarray:
    """Resamples a waveform from a spec's rate; pads or cuts it to a number of samples."""
    waveform = resample(waveform, spec.sample_rate, sample_rate)
    return np.pad(waveform, (0, max(0, samples - len(waveform))))[:samples]


def resample(waveform: np.ndarray, sample_rate: int, target_rate: int) -> np.ndarray:
    """A waveform [samples] at another sample rate, Hz."""
    return waveform if sample_rate == target_rate else soxr.resample(waveform, sample_rate, target_rate)
