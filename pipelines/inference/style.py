"""Style conditioning: styles of recordings by a style encoder, and the latent of a translator."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.audio.song_measurement import measure_blocks
from pipelines.audio.spec import AudioSpec
from pipelines.audio.streams import Signal, overlapping_segments, read_once
from pipelines.errors import UserError
from pipelines.inference import downmix, gain, style_recordings
from pipelines.inference.loading import load_trained
from pipelines.inference.model_folders import is_export, trained_folder
from pipelines.inference.style_recordings import StyleRecording
from pipelines.inference.window_translator import WINDOW_FRAMES
from pipelines.inference.windows import Windows
from pipelines.nn.fixed_latent import fixed_latent
from pipelines.nn.translator import Translator, load_style_encoder


class StyleConditioner:
    """Translator with its style encoder.

    Attributes:
        translator: as training wrote it.
    """

    def __init__(self, translator: Translator, encoder: keras.Model) -> None:
        """Wraps a translator and its style encoder.

        Args:
            translator: with a `FixedLatent` layer.
            encoder: log-mel [batch, frames, n_mels, 1] -> latents [batch, positions, width].
        """
        self.translator = translator
        self._encode = tf.function(
            lambda samples: encoder(log_mel(translator.spec, samples, center=False), training=False),
            input_signature=[tf.TensorSpec([1, None], tf.float32)],
            autograph=False,
        )

    @classmethod
    def from_run(cls, path: Path) -> StyleConditioner:
        """Loads the style conditioner of a training run.

        Args:
            path: workdir of the run, or folder of its translator.

        Raises:
            UserError: if it is an export, has no style encoder, is damaged, or mixes two models.
        """
        if is_export(path):
            raise UserError(f"{path} is an export, whose style is fixed: name the training run with --model")
        folder = trained_folder(path)
        translator, encoder = load_trained(folder), load_style_encoder(folder)
        _require_same_model(folder, translator, encoder)
        return cls(translator, encoder)

    def encode(self, recordings: Sequence[StyleRecording]) -> np.ndarray:
        """Mean style of recordings; every song has the same weight, whatever its length.

        Songs of a folder that cannot be used are reported and skipped.

        Args:
            recordings: at least one; see `pipelines.inference.style_recordings.find`.

        Returns:
            float32 [width].

        Raises:
            UserError: if a required recording cannot be used, or none can.
        """
        return np.mean(style_recordings.results(recordings, self.encode_song, "encoding the style"), axis=0)

    def encode_song(self, path: Path) -> np.ndarray:
        """Mean style of a song over its positions, in memory that does not grow with the length.

        Preprocessing is that of the training data: the downmix at the training loudness. Windows have no
        margin, as training clips have none.

        Args:
            path: anything that FFmpeg reads; a song shorter than one position is padded with silence.

        Returns:
            float32 [width].

        Raises:
            UserError: if the song cannot be read, or is silent.
        """
        spec = self.translator.spec
        total, count = 0.0, 0
        with normalised_downmix(path, spec) as (samples, blocks):
            spans = _spans(spec, samples, self.translator.card.time_multiple)
            for segment in overlapping_segments(blocks, spans, spec.n_fft // 2):
                latents = self._encode(segment.T).numpy()[0]
                total, count = total + latents.sum(axis=0, dtype=np.float64), count + len(latents)
        return np.asarray(total / count, np.float32)


@contextlib.contextmanager
def normalised_downmix(path: Path, spec: AudioSpec) -> Iterator[tuple[int, Iterator[np.ndarray]]]:
    """Context manager of the downmix of a song at the loudness of the training data; it is decoded once.

    Yields:
        Its samples, and its blocks, float32 [samples, 1] each.

    Raises:
        UserError: if the song cannot be read, or is silent.
        OSError: if the disk is full.
    """
    song = Signal(str(path), functools.partial(downmix.blocks, path, spec.sample_rate))
    with read_once(song, spec.sample_rate) as decoded:
        measured = measure_blocks(decoded.stream(), spec.sample_rate)
        if not np.isfinite(measured.loudness):
            raise UserError(f"{path} is silent, and silence has no style: leave it out")
        factor = np.float32(gain.loudness_gain(measured.loudness, TRAINING_LUFS))
        yield measured.samples, (block * factor for block in decoded.stream())


def song_clips(path: Path, spec: AudioSpec, frames: int, most: int) -> np.ndarray:
    """Clips of a song, evenly spaced, at the loudness of the training data.

    Args:
        path: anything that FFmpeg reads; a song shorter than a clip is padded with silence.
        spec: of the log-mels.
        frames: of a clip.
        most: largest number of clips.

    Returns:
        Log-mels, float32 [clips, frames, n_mels, 1].

    Raises:
        UserError: as `normalised_downmix`.
    """
    with normalised_downmix(path, spec) as (samples, blocks):
        whole = spec.frames(samples)
        count = int(np.clip(whole // frames, 1, most))
        starts = np.linspace(0, max(whole - frames, 0), count).astype(int) * spec.hop_length
        spans = [(int(start), int(start) + spec.span(frames)) for start in starts]
        segments = np.stack([each[:, 0] for each in overlapping_segments(blocks, spans, spec.n_fft // 2)])
    return log_mel(spec, segments, center=False).numpy()


def load_with_style(path: Path, recordings: Sequence[StyleRecording]) -> Translator:
    """Loads the translator of a training run with the mean style of recordings.

    Raises:
        UserError: see `StyleConditioner.from_run` and `StyleConditioner.encode`.
    """
    conditioner = StyleConditioner.from_run(path)
    set_style(conditioner.translator, conditioner.encode(recordings))
    return conditioner.translator


def set_style(translator: Translator, latent: np.ndarray) -> None:
    """Sets the style latent [width] of a translator, in place."""
    fixed_latent(translator.model).set_latent(latent)


def get_style(translator: Translator) -> np.ndarray:
    """Style latent of a translator, float32 [width]: the band's, unless another was set."""
    return np.array(fixed_latent(translator.model).latent)


def _require_same_model(folder: Path, translator: Translator, encoder: keras.Model) -> None:
    bands, width = encoder.input_shape[2], encoder.output_shape[-1]
    expected = translator.spec.n_mels, fixed_latent(translator.model).width
    if (bands, width) != expected:
        raise UserError(
            f"{folder} mixes two models (its style encoder maps {bands} mel bands to a latent of {width} "
            f"numbers, its translator takes {expected[0]} and {expected[1]}): train again or restore it from "
            "a copy"
        )


def _spans(spec: AudioSpec, samples: int, multiple: int) -> list[tuple[int, int]]:
    """Input samples of windows of whole positions, see `WindowTranslator.sample_span`."""
    frames = max(spec.frames(samples) // multiple, 1) * multiple
    windows = Windows.from_context(WINDOW_FRAMES, context=0, multiple=multiple).all(frames)
    starts = [(window.start * spec.hop_length, window) for window in windows]
    return [(start, start + spec.span(window.stop - window.start)) for start, window in starts]
