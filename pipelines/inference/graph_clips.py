"""Several songs in one call, inside the TensorFlow graph: mono clips of one length, and WAV files."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import tensorflow as tf

from pipelines.audio.features import magnitude_to_log_mel
from pipelines.audio.stft import stft
from pipelines.inference.graph_loudness import integrated_loudness
from pipelines.inference.graph_song import at_training_loudness, cover_song, matched
from pipelines.inference.window_translator import CoverMaker
from pipelines.inference.windows import Window, translate_whole

CoverFn = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
"""(waveform [samples, channels], strength []) -> the cover's waveform, of the same shape."""


class ClipMaker(CoverMaker):
    """A cover maker for which every channel is a mono song of its own; the network sees all at once."""

    @classmethod
    def around(cls, maker: CoverMaker) -> ClipMaker:
        """The same windows, network and inverter."""
        return cls(**{field.name: getattr(maker, field.name) for field in dataclasses.fields(maker)})

    def __call__(
        self, samples: tf.Tensor, window: Window, song_samples: tf.Tensor | int, strength: tf.Tensor | float
    ) -> tf.Tensor:
        """Translates one window of every song.

        Args:
            samples: float32 [span, songs].
            window: which one.
            song_samples: length of all songs.
            strength: float32 [songs].

        Returns:
            float32 [samples, songs]: column by column what `CoverMaker` gives for it.
        """
        magnitudes = tf.abs(stft(self.spec, tf.transpose(samples), center=False))
        log_mels = magnitude_to_log_mel(self.spec, magnitudes)
        translated = translate_whole(self.translate, log_mels, self.windows.multiple)

        def one(song: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
            column, translation, share = song
            known = CoverMaker(**{**vars(self), "translate": lambda _: translation[None]})
            return known(column[:, None], window, song_samples, share)[:, 0]

        found = tf.TensorSpec([None], tf.float32)
        rows = tf.map_fn(one, (tf.transpose(samples), translated, strength), fn_output_signature=found)
        return tf.transpose(rows)


def play_clips(maker: CoverMaker, waveforms: tf.Tensor, strengths: tf.Tensor) -> tf.Tensor:
    """Plays mono songs of one length.

    Args:
        maker: how windows are translated.
        waveforms: float32 [batch, samples].
        strengths: float32 [batch].

    Returns:
        float32 [batch, samples]: row by row what `play` gives for it, but for rounding in the network.
    """
    rate, row = maker.spec.sample_rate, tf.TensorSpec([None], tf.float32)

    def prepared(clip: tf.Tensor) -> tf.Tensor:
        return at_training_loudness(clip[:, None], integrated_loudness(clip[:, None], rate))[:, 0]

    def finished(song: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
        clip, cover, strength = song
        return matched(cover[:, None], integrated_loudness(clip[:, None], rate), rate, strength)[:, 0]

    songs = tf.map_fn(prepared, waveforms, fn_output_signature=row, parallel_iterations=1)
    covers = cover_song(ClipMaker.around(maker), tf.transpose(songs), strengths)
    played = (waveforms, tf.transpose(covers), strengths)
    return tf.map_fn(finished, played, fn_output_signature=row, parallel_iterations=1)


def play_wavs(cover: CoverFn, rate: int, wavs: tf.Tensor, strengths: tf.Tensor) -> tf.Tensor:
    """Plays WAV files of 16 bits.

    Args:
        cover: plays one song.
        rate: of its waveforms, Hz.
        wavs: string [batch], a whole file each.
        strengths: float32 [batch].

    Returns:
        string [batch]: WAV files of 16 bits, with the channels and the length of those that came in.
    """

    def one(song: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        contents, strength = song
        waveform, found = tf.audio.decode_wav(contents)
        message = ["this model takes WAV files with so many samples a second:", rate, "and not", found]
        with tf.control_dependencies([tf.debugging.Assert(tf.equal(found, rate), message)]):
            return tf.audio.encode_wav(cover(waveform, strength), rate)

    return tf.map_fn(one, (wavs, strengths), fn_output_signature=tf.string, parallel_iterations=1)
