"""Translation of one window of a song, from samples to samples; the same on tensors and on arrays."""

from __future__ import annotations

import abc
import dataclasses
import functools
from collections.abc import Callable
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from pipelines.audio.spec import AudioSpec
from pipelines.audio.stereo_image import PANNING_REACH
from pipelines.inference.windows import Window, Windows, translate_whole
from pipelines.nn.dials import AUTOMATIC, Dials

WINDOW_FRAMES = 1024
"""Output frames of a window: 12 s at the default spec, some hundred megabytes of activations."""

WindowFn = Callable[[np.ndarray, Window, int, Dials], np.ndarray]
"""`WindowTranslation.__call__` of arrays, with ints and floats."""

Self = TypeVar("Self", bound="WindowTranslation")


class TranslatorFn(Protocol):
    """Network of a translator with its options, see `pipelines.nn.translator.translate`."""

    def __call__(self, log_mel: Any, first_frame: Any = 0, closeness: Any = AUTOMATIC) -> Any:
        """Translation of a log-mel, of the same shape."""


class ChannelInverter(Protocol):
    """Inverter of a log-mel to the channels of its source, see `pipelines.audio.inversion.Inverter`."""

    @property
    def reach(self) -> int:
        """Context of a sample, in frames on each side."""

    def channels(self, log_mel: Any, spectra: Any, length: Any, strength: Any) -> Any:
        """Waveforms [channels, length]."""


@dataclasses.dataclass(frozen=True)
class Operations:
    """Functions of the signal path, on tensors or on arrays.

    Attributes:
        xp: tensorflow or numpy.
        stft: audio spec and waveforms [channels, samples] -> complex64 [channels, frames, bins], frames that
            are not centred.
        log_mel: audio spec and magnitudes [batch, frames, bins] -> log-mels [batch, frames, n_mels, 1].
        mono_magnitude: spectra [channels, frames, bins] -> magnitudes [frames, bins].
    """

    xp: Any
    stft: Callable[[AudioSpec, Any], Any]
    log_mel: Callable[[AudioSpec, Any], Any]
    mono_magnitude: Callable[[Any], Any]


@dataclasses.dataclass(frozen=True)
class WindowTranslation(abc.ABC):
    """Translator of a window of a song into the band's sound.

    The log-mel of the downmix is translated. The inverter combines the translation with the fine structure of
    the source's magnitudes, and inverts every channel with its panning and phase. The stereo width of the
    source, which needs three more seconds on each side, is matched in whole songs.

    Attributes:
        operations: of the class, see `Operations`.
        translate: the network, see `TranslatorFn`.
        spec: of the network.
        inverter: of log-mels and the source's spectra to waveforms.
        windows: division of a song; the margin covers the context of the network and of the inverter.
    """

    operations: ClassVar[Operations]
    threads: ClassVar[int] = 1
    """Windows that are translated at a time."""

    translate: TranslatorFn
    spec: AudioSpec
    inverter: Any
    windows: Windows

    @classmethod
    def with_windows(
        cls: type[Self],
        translate: TranslatorFn,
        spec: AudioSpec,
        inverter: ChannelInverter,
        *,
        context: int,
        multiple: int,
        size: int = WINDOW_FRAMES,
    ) -> Self:
        """Window translator whose windows join without seams.

        Args:
            translate: the network.
            spec: of the network.
            inverter: of the same spec.
            context: of the network, frames on each side (TranslatorCard.context_frames).
            multiple: the network accepts multiples of this number of frames (TranslatorCard.time_multiple).
            size: output frames of a window, at least.
        """
        windows = Windows.from_context(size, context=context + inverted_margin(inverter), multiple=multiple)
        return cls(translate, spec, inverter, windows)

    @abc.abstractmethod
    def compiled(self) -> WindowFn:
        """Function of arrays that translates windows, for many songs."""

    def sample_span(self, window: Window) -> tuple[Any, Any]:
        """Input samples of a window, (first, one past last), of a song padded by n_fft / 2 zeros in front."""
        return window.first * self.spec.hop_length, self.spec.samples(window.last) + self.spec.n_fft

    def source_start(self, window: Window) -> Any:
        """First input sample of a window, from that of `sample_span` on, which becomes an output sample."""
        return (window.start - window.first) * self.spec.hop_length + self.spec.n_fft // 2

    def __call__(self, samples: Any, window: Window, song_samples: Any, dials: Dials) -> Any:
        """Translates one window.

        Args:
            samples: float32 [span, channels], those of `sample_span`, at the training loudness.
            window: the window.
            song_samples: length of the song.
            dials: of the song.

        Returns:
            float32 [samples, channels], from frame `start` to frame `stop` or the end of the song.
        """
        operations = self.operations
        spectra = operations.stft(self.spec, operations.xp.transpose(samples))
        log_mel = operations.log_mel(self.spec, operations.mono_magnitude(spectra)[None])
        translation = self.translate_log_mel(log_mel, window.first, dials.closeness)
        return self.invert(translation, spectra, window, song_samples, dials.strength)

    def translate_log_mel(self, log_mel: Any, first_frame: Any = 0, closeness: Any = AUTOMATIC) -> Any:
        """Translation of a log-mel of any number of frames.

        Args:
            log_mel: float32 [batch, frames, n_mels, 1].
            first_frame: see `pipelines.nn.translator.translate`.
            closeness: likewise.

        Returns:
            float32 of the same shape.
        """
        network = functools.partial(self.translate, first_frame=first_frame, closeness=closeness)
        return translate_whole(self.operations.xp, network, log_mel, self.windows.multiple)

    def invert(
        self,
        translation: Any,
        spectra: Any,
        window: Window,
        song_samples: Any,
        strength: Any,
    ) -> Any:
        """Waveform of the translation of a window.

        Args:
            translation: log-mel, float32 [1, frames, n_mels, 1].
            spectra: complex64 [channels, frames, bins] of its input samples.
            window: the window.
            song_samples: length of the song.
            strength: 0 for the source, 1 for its translation.

        Returns:
            float32 [samples, channels].
        """
        xp, hop = self.operations.xp, self.spec.hop_length
        left, right = self._inverted_frames(window)
        kept = slice(left - window.first, right - window.first)
        length = xp.minimum(song_samples - left * hop, (right - left) * hop)
        waveform = self.inverter.channels(translation[:, kept], spectra[:, kept], length, strength)
        start, stop = ((frame - left) * hop for frame in (window.start, window.stop))
        return xp.transpose(waveform[:, start : xp.minimum(stop, length)])

    def _inverted_frames(self, window: Window) -> tuple[Any, Any]:
        """Frames of the translation that the output samples of a window depend on, (first, one past last)."""
        xp, margin = self.operations.xp, inverted_margin(self.inverter)
        return xp.maximum(window.start - margin, window.first), xp.minimum(window.stop + margin, window.last)


def inverted_margin(inverter: ChannelInverter) -> int:
    """Context of a sample, frames on each side: of the inversion and of the panning."""
    return inverter.reach + PANNING_REACH
