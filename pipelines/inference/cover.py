"""One window of a song through a translator: samples in, samples out, the same in a graph and out of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import tensorflow as tf

from pipelines.audio.features import magnitude_to_log_mel
from pipelines.audio.inversion import GriffinLim, Inverter
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stereo import mono_magnitude
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
    is given to every channel with the source's panning and that channel's own phase.

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
        windows = Windows.of(size, context=context + inverter.reach, multiple=multiple)
        return cls(translate, spec, inverter, windows)

    def frame_span(self, window: Window) -> tuple[Any, Any]:
        """Where a window's samples lie in a song with half a window of zeros before it: (first, last)."""
        return window.first * self.spec.hop_length, self.spec.samples(window.last) + self.spec.n_fft

    def __call__(
        self, samples: tf.Tensor, window: Window, song_samples: tf.Tensor | int, strength: tf.Tensor | float
    ) -> tf.Tensor:
        """Translates one window.

        Args:
            samples: float32 [span, channels], those of `frame_span`, at the loudness of the training data.
            window: which one.
            song_samples: length of the whole song.
            strength: 0 keeps the source's log-mel, 1 takes the translation, in between interpolates.

        Returns:
            float32 [samples, channels]: those from frame `start` on, up to frame `stop` or the song's end.
        """
        spectra = stft(self.spec, tf.transpose(samples), center=False)
        mono = mono_magnitude(spectra)[None]
        log_mel = self.blend(magnitude_to_log_mel(self.spec, mono), strength)
        left, right = self._inverted(window)
        kept = slice(left - window.first, right - window.first)
        length = tf.minimum(song_samples - left * self.spec.hop_length, (right - left) * self.spec.hop_length)
        waveform = self.inverter.channels(log_mel[:, kept], spectra[:, kept], length)
        start, stop = ((frame - left) * self.spec.hop_length for frame in (window.start, window.stop))
        return tf.transpose(waveform[:, start : tf.minimum(stop, length)])

    def blend(self, log_mel: tf.Tensor, strength: tf.Tensor | float) -> tf.Tensor:
        """log-mel + strength * (translation - log-mel); [batch, frames, n_mels, 1], any number of frames."""
        translation = translate_whole(self.translate, log_mel, self.windows.multiple)
        return log_mel + strength * (translation - log_mel)

    def _inverted(self, window: Window) -> tuple[Any, Any]:
        """The frames that the window's samples depend on in the inversion."""
        margin = self.inverter.reach
        return tf.maximum(window.start - margin, window.first), tf.minimum(window.stop + margin, window.last)


def reach(spec: AudioSpec, iterations: int) -> int:
    """Frames on each side that a sample inverted by Griffin-Lim depends on."""
    return GriffinLim(spec, iterations).reach
