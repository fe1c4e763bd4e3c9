"""Translation of one window of a song, from samples to samples; the same eagerly and in a graph."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, Protocol

import tensorflow as tf

from pipelines.audio.features import magnitude_to_log_mel
from pipelines.audio.inversion import GriffinLim, Inverter
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stereo import PANNING_REACH, WIDTH_REACH, match_stereo_width, mono_magnitude
from pipelines.audio.stft import stft
from pipelines.inference.windows import Window, Windows, translate_whole
from pipelines.nn.dials import AUTOMATIC, Dials
from pipelines.nn.translator import Translator

WINDOW_FRAMES = 1024
"""Output frames of a window: 12 s at the default spec, some hundred megabytes of activations."""


class TranslatorFn(Protocol):
    """Network of a translator with its options, see `pipelines.nn.translator.translate`."""

    def __call__(self, log_mel: tf.Tensor, first_frame: Any = 0, closeness: Any = AUTOMATIC) -> tf.Tensor:
        """Translation of a log-mel, of the same shape."""


@dataclasses.dataclass(frozen=True)
class WindowTranslator:
    """Translator of a window of a song into the band's sound.

    The log-mel of the downmix is translated. The inverter combines the translation with the fine structure of
    the source's magnitudes, and inverts every channel with its panning and phase. Then the waveform gets the
    stereo width of the source.

    Attributes:
        translate: the network, see `TranslatorFn`.
        spec: of the network.
        inverter: of log-mels and the source's spectra to waveforms.
        windows: division of a song; the margin covers the context of the network and of the inverter.
    """

    translate: TranslatorFn
    spec: AudioSpec
    inverter: Inverter
    windows: Windows

    @classmethod
    def from_network(
        cls,
        translate: TranslatorFn,
        spec: AudioSpec,
        *,
        context: int,
        multiple: int,
        size: int = WINDOW_FRAMES,
        inverter: Inverter | None = None,
    ) -> WindowTranslator:
        """Window translator whose windows join without seams.

        Args:
            translate: the network.
            spec: of the network.
            context: of the network, frames on each side (TranslatorCard.context_frames).
            multiple: the network accepts multiples of this number of frames (TranslatorCard.time_multiple).
            size: output frames of a window, at least.
            inverter: of the same spec; None for the phase of the source and one inverse STFT.
        """
        inverter = inverter or GriffinLim(spec)
        windows = Windows.from_context(size, context=context + _margin(inverter), multiple=multiple)
        return cls(translate, spec, inverter, windows)

    @classmethod
    def from_translator(
        cls, translator: Translator, inverter: Inverter | None = None, *, size: int = WINDOW_FRAMES
    ) -> WindowTranslator:
        """Window translator of a Keras translator.

        Args:
            translator: as training wrote it.
            inverter: of the same spec; None for the phase of the source and one inverse STFT.
            size: output frames of a window, at least.
        """
        card = translator.card

        return cls.from_network(
            translator,
            translator.spec,
            context=card.context_frames,
            multiple=card.time_multiple,
            size=size,
            inverter=inverter,
        )

    def sample_span(self, window: Window) -> tuple[Any, Any]:
        """Input samples of a window, (first, one past last), of a song padded by n_fft / 2 zeros in front."""
        return window.first * self.spec.hop_length, self.spec.samples(window.last) + self.spec.n_fft

    def __call__(
        self, samples: tf.Tensor, window: Window, song_samples: tf.Tensor | int, dials: Dials
    ) -> tf.Tensor:
        """Translates one window.

        Args:
            samples: float32 [span, channels], those of `sample_span`, at the training loudness.
            window: the window.
            song_samples: length of the song.
            dials: of the song.

        Returns:
            float32 [samples, channels], from frame `start` to frame `stop` or the end of the song.
        """
        spectra = stft(self.spec, tf.transpose(samples), center=False)
        log_mel = magnitude_to_log_mel(self.spec, mono_magnitude(spectra)[None])
        translation = self.translate_log_mel(log_mel, window.first, dials.closeness)
        return self.invert(translation, spectra, samples, window, song_samples, dials.strength)

    def translate_log_mel(
        self, log_mel: tf.Tensor, first_frame: Any = 0, closeness: Any = AUTOMATIC
    ) -> tf.Tensor:
        """Translation of a log-mel of any number of frames.

        Args:
            log_mel: float32 [batch, frames, n_mels, 1].
            first_frame: see `pipelines.nn.translator.translate`.
            closeness: likewise.

        Returns:
            float32 of the same shape.
        """
        network = functools.partial(self.translate, first_frame=first_frame, closeness=closeness)
        return translate_whole(network, log_mel, self.windows.multiple)

    def invert(
        self,
        translation: tf.Tensor,
        spectra: tf.Tensor,
        samples: tf.Tensor,
        window: Window,
        song_samples: tf.Tensor | int,
        strength: tf.Tensor | float,
    ) -> tf.Tensor:
        """Waveform of the translation of a window.

        Args:
            translation: log-mel, float32 [1, frames, n_mels, 1].
            spectra: complex64 [channels, frames, bins] of the samples.
            samples: see `__call__`, as for the other arguments.
            window: the window.
            song_samples: length of the song.
            strength: 0 for the source, 1 for its translation.

        Returns:
            float32 [samples, channels].
        """
        hop = self.spec.hop_length
        left, right = self._inverted_frames(window)
        kept = slice(left - window.first, right - window.first)
        length = tf.minimum(song_samples - left * hop, (right - left) * hop)
        inverted = self.inverter.channels(translation[:, kept], spectra[:, kept], length, strength)
        before = (left - window.first) * hop + self.spec.n_fft // 2
        source = tf.transpose(samples[before : before + length])
        waveform = match_stereo_width(source, inverted, hop)
        start, stop = ((frame - left) * hop for frame in (window.start, window.stop))
        return tf.transpose(waveform[:, start : tf.minimum(stop, length)])

    def _inverted_frames(self, window: Window) -> tuple[Any, Any]:
        """Frames of the translation that the output samples of a window depend on, (first, one past last)."""
        margin = _margin(self.inverter)
        return tf.maximum(window.start - margin, window.first), tf.minimum(window.stop + margin, window.last)


def _margin(inverter: Inverter) -> int:
    """Context of a sample, frames on each side: of the inversion, of the panning and of the stereo width."""
    return inverter.reach + PANNING_REACH + WIDTH_REACH


def reach(spec: AudioSpec, iterations: int) -> int:
    """Context of a sample that Griffin-Lim inverts, frames on each side."""
    return GriffinLim(spec, iterations).reach
