"""One window of a song through a translator: samples in, samples out, the same in a graph and out of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import tensorflow as tf

from pipelines.audio.features import magnitude_to_log_mel
from pipelines.audio.inversion import GriffinLim, Inverter
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stereo import WIDTH_REACH, match_stereo_width, mono_magnitude
from pipelines.audio.stft import stft
from pipelines.inference.windows import TranslateFn, Window, Windows, translate_whole

WINDOW_FRAMES = 1024
"""Frames that one window answers for: 12 s at the default spec, some hundred megabytes of activations."""

ITERATIONS = 4
"""Griffin-Lim iterations from the source's phase."""


@dataclasses.dataclass(frozen=True)
class CoverMaker:
    """Plays a window of a song with the band's sound.

    The magnitudes' mono mix is translated; the result, with the fine structure of the source's magnitudes,
    is given to every channel with the source's panning and that channel's own phase. The waveform is then
    made as wide as the source.

    Attributes:
        translate: the network, see `TranslateFn`.
        spec: of the network.
        inverter: from log-mels and the source's spectra to waveforms.
        windows: how a song is cut; the margin covers the network's context and the inverter's.
    """

    translate: TranslateFn
    spec: AudioSpec
    inverter: Inverter
    windows: Windows

    @classmethod
    def of(
        cls,
        translate: TranslateFn,
        spec: AudioSpec,
        *,
        context: int,
        multiple: int,
        size: int = WINDOW_FRAMES,
        inverter: Inverter | None = None,
    ) -> CoverMaker:
        """A cover maker whose windows join without seams.

        Args:
            translate: the network.
            spec: of the network.
            context: frames that the network sees on each side (TranslatorCard.context_frames).
            multiple: frames that it takes multiples of (TranslatorCard.time_multiple).
            size: frames that a window answers for, at least.
            inverter: of the same spec; None for Griffin-Lim.
        """
        inverter = inverter or GriffinLim(spec, ITERATIONS)
        windows = Windows.of(size, context=context + _margin(inverter), multiple=multiple)
        return cls(translate, spec, inverter, windows)

    def frame_span(self, window: Window) -> tuple[Any, Any]:
        """Sample range of a window, (first, one past last), in a song after half an FFT window of zeros."""
        return window.first * self.spec.hop_length, self.spec.samples(window.last) + self.spec.n_fft

    def __call__(
        self, samples: tf.Tensor, window: Window, song_samples: tf.Tensor | int, strength: tf.Tensor | float
    ) -> tf.Tensor:
        """Translates one window.

        Args:
            samples: float32 [span, channels], those of `frame_span`, at the loudness of the training data.
            window: which one.
            song_samples: length of the whole song.
            strength: 0 gives the source, 1 its translation; magnitudes are interpolated in decibels.

        Returns:
            float32 [samples, channels]: those from frame `start` on, up to frame `stop` or the song's end.
        """
        spectra = stft(self.spec, tf.transpose(samples), center=False)
        translation = self.translation(magnitude_to_log_mel(self.spec, mono_magnitude(spectra)[None]))
        return self.sound(translation, spectra, samples, window, song_samples, strength)

    def translation(self, log_mel: tf.Tensor) -> tf.Tensor:
        """The network's, of a log-mel [batch, frames, n_mels, 1] of any number of frames."""
        return translate_whole(self.translate, log_mel, self.windows.multiple)

    def sound(
        self,
        translation: tf.Tensor,
        spectra: tf.Tensor,
        samples: tf.Tensor,
        window: Window,
        song_samples: tf.Tensor | int,
        strength: tf.Tensor | float,
    ) -> tf.Tensor:
        """The waveform of a window's translation.

        Args:
            translation: log-mel, float32 [1, frames, n_mels, 1].
            spectra: complex64 [channels, frames, bins] of the samples.
            samples: see `__call__`, as everything else.

        Returns:
            float32 [samples, channels].
        """
        hop = self.spec.hop_length
        left, right = self._inverted(window)
        kept = slice(left - window.first, right - window.first)
        length = tf.minimum(song_samples - left * hop, (right - left) * hop)
        cover = self.inverter.channels(translation[:, kept], spectra[:, kept], length, strength)
        before = (left - window.first) * hop + self.spec.n_fft // 2
        source = tf.transpose(samples[before : before + length])
        waveform = match_stereo_width(source, cover, hop)
        start, stop = ((frame - left) * hop for frame in (window.start, window.stop))
        return tf.transpose(waveform[:, start : tf.minimum(stop, length)])

    def _inverted(self, window: Window) -> tuple[Any, Any]:
        """The frames that the window's samples depend on after the network."""
        margin = _margin(self.inverter)
        return tf.maximum(window.start - margin, window.first), tf.minimum(window.stop + margin, window.last)


def _margin(inverter: Inverter) -> int:
    """Frames on each side that a sample depends on: in the inversion, and in keeping the stereo image."""
    return inverter.reach + WIDTH_REACH


def reach(spec: AudioSpec, iterations: int) -> int:
    """Frames on each side that a sample inverted by Griffin-Lim depends on."""
    return GriffinLim(spec, iterations).reach
