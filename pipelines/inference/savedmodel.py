"""SavedModel: waveform in, waveform out, core TensorFlow ops only; runs where nothing but TensorFlow is."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path

import tensorflow as tf

from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.audio.spec import SPEC_FILE
from pipelines.errors import UserError
from pipelines.inference.cover import CoverMaker
from pipelines.inference.gain import PEAK
from pipelines.inference.graph_loudness import integrated_loudness
from pipelines.nn.translator import CARD_FILE, Translator

MODEL_FILE = "saved_model.pb"
ASSETS = "assets"
"""Folder inside a SavedModel where the spec and the card lie."""


class CoverModule(tf.Module):
    """What is exported.

    `serving_default` takes a song in memory and gives what `coverband translate` writes (to 1e-4, the
    rounding to 16 bits included). It translates window by window: beside the song, its copies at the
    training loudness and the cover (4 bytes a sample each), memory does not grow with length.
    """

    def __init__(self, translator: Translator, maker: CoverMaker, files: Path) -> None:
        """Wraps a translator.

        Args:
            translator: whose weights are exported.
            maker: around the same translator.
            files: folder with the translator's spec and card, which become assets.
        """
        super().__init__()
        # The variables alone: tracking the Keras model would export its layers' Python-side functions, too.
        self.weights = [variable.value for variable in translator.model.variables]
        self.files = [tf.saved_model.Asset(str(files / name)) for name in (SPEC_FILE, CARD_FILE)]
        self._maker = maker
        log_mels = tf.TensorSpec([None, None, translator.spec.n_mels, 1], tf.float32, "log_mel")
        self.translate_log_mel = tf.function(self._translate_log_mel, input_signature=[log_mels])

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None], tf.float32, "waveform"),
            tf.TensorSpec([], tf.float32, "strength"),
        ]
    )
    def cover(self, waveform: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        """Plays a song with the band's sound.

        Args:
            waveform: float32 [samples, channels] at the spec's sample rate, of any length, even 0.
            strength: float32 scalar, 0 (the source) to 1 (the full translation).

        Returns:
            {"waveform": float32 [samples, channels]}: as loud as the source where its peaks allow, never
            beyond 0.99.
        """
        wanted = integrated_loudness(waveform, self._maker.spec.sample_rate)
        translated = cover_song(self._maker, waveform * _training_gain(waveform, wanted), strength)
        return {"waveform": _matched(translated, wanted, self._maker.spec.sample_rate)}

    def _translate_log_mel(self, log_mel: tf.Tensor) -> dict[str, tf.Tensor]:
        """The network alone: log-mel -> log-mel, frames a multiple of the card's time_multiple."""
        return {"log_mel": self._maker.translate(log_mel)}


def cover_song(maker: CoverMaker, waveform: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
    """All windows of a song in memory, one after the other; float32 [samples, channels] to the same shape."""
    samples, half = tf.shape(waveform)[0], maker.spec.n_fft // 2
    frames = maker.spec.frames(samples)
    padded = tf.pad(waveform, [[half, half], [0, 0]])
    count = maker.windows.count(frames)

    def one(index: tf.Tensor, pieces: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
        window = maker.windows.at(index, frames)
        first, last = maker.frame_span(window)
        piece = maker(padded[first:last], window, samples, strength)
        return index + 1, pieces.write(index, tf.reshape(piece, [-1]))

    pieces = tf.TensorArray(tf.float32, count, element_shape=[None], infer_shape=False)
    _, pieces = tf.while_loop(lambda index, _: index < count, one, (0, pieces), parallel_iterations=1)
    return tf.reshape(pieces.concat(), tf.shape(waveform))


def export(translator: Translator, source: Path, folder: Path) -> None:
    """Writes a translator as a SavedModel; an earlier export in the folder is replaced.

    Args:
        translator: loaded from `source`.
        source: the translator's folder.
        folder: where the SavedModel goes; a kill leaves no half of one.

    Raises:
        UserError: if the folder exists and holds something else, or cannot be written.
    """
    if folder.exists() and not is_export(folder) and not _is_empty(folder):
        raise UserError(f"{folder} exists and is no exported model: name a new folder for the export")
    module = CoverModule(translator, maker_of(translator), source)
    new = folder.with_name(f".{folder.name}.part")
    try:
        _save(module, new)
        _replace(folder, new)
    except (OSError, tf.errors.OpError) as error:
        reason = getattr(error, "strerror", None) or "is the disk full, or the folder protected?"
        raise UserError(f"{folder} could not be written ({reason}): write elsewhere") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _save(module: CoverModule, new: Path) -> None:
    """Saves under a new name."""
    shutil.rmtree(new, ignore_errors=True)
    signatures = {"serving_default": module.cover, "translate_log_mel": module.translate_log_mel}
    tf.saved_model.save(module, str(new), signatures=signatures)


def _replace(folder: Path, new: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    os.replace(new, folder)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def maker_of(translator: Translator) -> CoverMaker:
    """The cover maker of a Keras translator."""
    card = translator.card

    def translate(log_mel: tf.Tensor) -> tf.Tensor:
        return translator.model(log_mel, training=False)

    return CoverMaker.of(translate, translator.spec, context=card.context_frames, multiple=card.time_multiple)


def is_export(folder: Path) -> bool:
    """Whether a folder holds a SavedModel."""
    return (folder / MODEL_FILE).is_file()


def _training_gain(waveform: tf.Tensor, loudness: tf.Tensor) -> tf.Tensor:
    """Brings a song to `gain.training_loudness`."""
    channels = tf.cast(tf.maximum(tf.shape(waveform)[1], 1), tf.float32)
    return _gain(loudness, TRAINING_LUFS + 10 / math.log(10) * tf.math.log(channels))


def _gain(loudness: tf.Tensor, wanted: tf.Tensor | float) -> tf.Tensor:
    """`gain.between` on tensors."""
    difference = wanted - loudness
    return tf.where(tf.math.is_finite(difference), 10 ** (difference / 20), 1.0)


def _matched(translated: tf.Tensor, wanted: tf.Tensor, sample_rate: int) -> tf.Tensor:
    """`gain.matching` on tensors, applied."""
    # The maximum over nothing is minus infinity.
    peak = tf.maximum(tf.reduce_max(tf.abs(translated)), 1e-12)
    factor = _gain(integrated_loudness(translated, sample_rate), wanted)
    return translated * tf.minimum(factor, PEAK / peak)
