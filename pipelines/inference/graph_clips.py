"""Translation of batches inside the TensorFlow graph: mono clips of one length, and WAV files."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import tensorflow as tf

from pipelines.audio.features import magnitude_to_log_mel
from pipelines.audio.stft import stft
from pipelines.inference.graph_loudness import integrated_loudness
from pipelines.inference.graph_song import match_loudness, to_training_loudness, translate_windows
from pipelines.inference.window_translator import WindowTranslator
from pipelines.inference.windows import Window
from pipelines.nn.dials import Dials

TranslateSongFn = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
"""(waveform [samples, channels], strength []) -> translated waveform of the same shape."""


class ClipTranslator(WindowTranslator):
    """Window translator whose channels are independent mono clips, translated in one call of the network."""

    @classmethod
    def from_window_translator(cls, window_translator: WindowTranslator) -> ClipTranslator:
        """Clip translator with the windows, the network and the inverter of a window translator."""
        return cls(
            *(getattr(window_translator, field.name) for field in dataclasses.fields(window_translator))
        )

    def __call__(
        self, samples: tf.Tensor, window: Window, song_samples: tf.Tensor | int, dials: Dials
    ) -> tf.Tensor:
        """Translates one window of every clip.

        Args:
            samples: float32 [span, clips].
            window: the window.
            song_samples: length of each clip.
            dials: of the clips.

        Returns:
            float32 [samples, clips]; every column equals the output of a `WindowTranslator`.
        """
        magnitudes = tf.abs(stft(self.spec, tf.transpose(samples), center=False))
        translations = self.translate_log_mel(
            magnitude_to_log_mel(self.spec, magnitudes), window.first, dials.closeness
        )

        def invert_clip(clip: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
            column, translation, clip_strength = clip
            spectra = stft(self.spec, column[None], center=False)
            return self.invert(translation[None], spectra, window, song_samples, clip_strength)[:, 0]

        row = tf.TensorSpec([None], tf.float32)
        rows = tf.map_fn(
            invert_clip, (tf.transpose(samples), translations, dials.strength), fn_output_signature=row
        )
        return tf.transpose(rows)


def translate_clips(window_translator: WindowTranslator, waveforms: tf.Tensor, dials: Dials) -> tf.Tensor:
    """Translates mono clips of one length.

    Args:
        window_translator: translates their windows.
        waveforms: float32 [batch, samples].
        dials: of the clips.

    Returns:
        float32 [batch, samples]; every row equals `translate_song` of it, but for rounding in the network.
    """
    rate, row = window_translator.spec.sample_rate, tf.TensorSpec([None], tf.float32)

    def scale_clip(clip: tf.Tensor) -> tf.Tensor:
        return to_training_loudness(clip[:, None], integrated_loudness(clip[:, None], rate))[:, 0]

    def match_clip(clip: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
        source, translated, strength = clip
        loudness = integrated_loudness(source[:, None], rate)
        return match_loudness(translated[:, None], loudness, rate, strength)[:, 0]

    scaled = tf.map_fn(scale_clip, waveforms, fn_output_signature=row, parallel_iterations=1)
    clip_translator = ClipTranslator.from_window_translator(window_translator)
    translated = tf.transpose(translate_windows(clip_translator, tf.transpose(scaled), dials))
    return tf.map_fn(
        match_clip, (waveforms, translated, dials.strength), fn_output_signature=row, parallel_iterations=1
    )


def translate_wavs(
    translate_song: TranslateSongFn, rate: int, wavs: tf.Tensor, strengths: tf.Tensor
) -> tf.Tensor:
    """Translates WAV files of 16 bits.

    Args:
        translate_song: translates one song.
        rate: of its waveforms, Hz.
        wavs: string [batch], the contents of a file each.
        strengths: float32 [batch].

    Returns:
        string [batch]: WAV files of 16 bits, with the channels and lengths of the input files.
    """

    def translate_wav(wav: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        contents, strength = wav
        waveform, wav_rate = tf.audio.decode_wav(contents)
        message = ["the model requires WAV files with a sample rate of", rate, "Hz, not", wav_rate]
        with tf.control_dependencies([tf.debugging.Assert(tf.equal(wav_rate, rate), message)]):
            return tf.audio.encode_wav(translate_song(waveform, strength), rate)

    return tf.map_fn(translate_wav, (wavs, strengths), fn_output_signature=tf.string, parallel_iterations=1)
