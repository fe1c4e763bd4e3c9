"""Playing with the style of other recordings: hearing it, and setting it in a translator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from pipelines import console
from pipelines.audio.features import log_mel
from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.inference import downmix, gain
from pipelines.inference.export import is_export
from pipelines.inference.loading import load_trained, trained_folder
from pipelines.inference.style_recordings import Example
from pipelines.inference.translate import cut
from pipelines.inference.window_translator import WINDOW_FRAMES
from pipelines.inference.windows import Windows
from pipelines.nn.fixed_latent import fixed_latent
from pipelines.nn.translator import Translator, load_style_encoder


class Stylist:
    """A translator and the encoder that hears the styles that it can play with.

    Attributes:
        translator: as training wrote it.
    """

    def __init__(self, translator: Translator, encoder: keras.Model) -> None:
        """Puts the two together.

        Args:
            translator: with a `FixedLatent` layer.
            encoder: log-mel [batch, frames, n_mels, 1] -> latents [batch, positions, numbers].
        """
        self.translator = translator
        self._heard = tf.function(
            lambda samples: encoder(log_mel(translator.spec, samples, center=False), training=False),
            input_signature=[tf.TensorSpec([1, None], tf.float32)],
            autograph=False,
        )

    @classmethod
    def load(cls, path: Path) -> Stylist:
        """The stylist of a training run.

        Args:
            path: the run's workdir, or its translator's folder.

        Raises:
            UserError: if it is an export, hears no styles, is damaged, or mixes two models.
        """
        if is_export(path):
            raise UserError(
                f"{path} is an export, which plays with the style that it was exported with: name the "
                "training run with --model"
            )
        folder = trained_folder(path)
        encoder, translator = load_style_encoder(folder), load_trained(folder)
        _require_together(folder, translator, encoder)
        return cls(translator, encoder)

    def style(self, examples: Sequence[Example]) -> np.ndarray:
        """The mean style of recordings; every song weighs the same, however long it is.

        Those of a folder that cannot be used are reported and left out.

        Args:
            examples: at least one; see `pipelines.inference.style_recordings.find`.

        Returns:
            float32 [numbers].

        Raises:
            UserError: if a song that was named itself cannot be used, or none can.
        """
        styles = []
        for example in console.progress(examples, "hearing the style", unit="song"):
            try:
                styles.append(self.song_style(example.path))
            except UserError as error:
                if example.named:
                    raise
                console.say(f"left out: {error}")
        if not styles:
            raise UserError(
                f"not one of {len(examples)} songs can be used for its style (see above): name others"
            )
        return np.mean(styles, axis=0)

    def song_style(self, path: Path) -> np.ndarray:
        """The mean over a song's positions, in memory that does not grow with the song.

        It is heard as the training data were: the mean of its channels, at the training loudness. Every
        window is heard without its neighbours, as the clips of training are.

        Args:
            path: anything that FFmpeg reads; what is shorter than one position is completed by silence.

        Returns:
            float32 [numbers].

        Raises:
            UserError: if it cannot be read, or is silent.
        """
        spec = self.translator.spec
        samples, loudness = downmix.measured(path, spec.sample_rate)
        if not np.isfinite(loudness):
            raise UserError(f"{path} is silent, and silence has no style: leave it out")
        factor = np.float32(gain.between(loudness, TRAINING_LUFS))
        blocks = (block * factor for block in downmix.blocks(path, spec.sample_rate))
        spans = _spans(spec, samples, self.translator.card.time_multiple)
        total, count = 0.0, 0
        for piece in cut(blocks, spans, spec.n_fft // 2):
            latents = self._heard(piece.T).numpy()[0]
            total, count = total + latents.sum(axis=0, dtype=np.float64), count + len(latents)
        return np.asarray(total / count, np.float32)


def styled(path: Path, examples: Sequence[Example]) -> Translator:
    """A training run's translator that plays with the style of recordings.

    Raises:
        UserError: see `Stylist.load` and `Stylist.style`.
    """
    stylist = Stylist.load(path)
    return with_style(stylist.translator, stylist.style(examples))


def with_style(translator: Translator, latent: np.ndarray) -> Translator:
    """Has a translator play with a latent [numbers] from now on; returns the same one."""
    fixed_latent(translator.model).set_latent(latent)
    return translator


def style_of(translator: Translator) -> np.ndarray:
    """The latent that a translator plays with, float32 [numbers]: the band's, as long as none was set."""
    return np.array(fixed_latent(translator.model).latent)


def _require_together(folder: Path, translator: Translator, encoder: keras.Model) -> None:
    bands, numbers = encoder.input_shape[2], encoder.output_shape[-1]
    wanted = translator.spec.n_mels, fixed_latent(translator.model).width
    if (bands, numbers) != wanted:
        raise UserError(
            f"{folder} mixes two models (its style encoder makes {numbers} numbers of {bands} mel bands, its "
            f"translator takes {wanted[1]} and {wanted[0]}): train again or restore it from a copy"
        )


def _spans(spec: AudioSpec, samples: int, multiple: int) -> list[tuple[int, int]]:
    """Sample ranges of windows of whole positions, (first, one past last), see `CoverMaker.frame_span`."""
    frames = max(spec.frames(samples) // multiple, 1) * multiple
    windows = Windows.of(WINDOW_FRAMES, context=0, multiple=multiple).all(frames)
    starts = [(window.start * spec.hop_length, window) for window in windows]
    return [(start, start + spec.span(window.stop - window.start)) for start, window in starts]
