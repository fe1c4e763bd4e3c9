"""Translators that decode content, split in two: log-mel to content, and content to log-mel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from scipy import special

from pipelines.errors import UserError
from pipelines.nn.dials import AUTOMATIC
from pipelines.nn.pitches import PITCHES
from pipelines.nn.translator import Translator, input_names, inputs_of
from pipelines.nn.translator_card import CLOSENESS, FIRST_FRAME
from transcriber.content import CONTENT, MAP, NOTE_LOGITS, SCALE, SHARES, VIEW_MAP
from transcriber.piano_roll import Roll

_NOTES = 2 * PITCHES
"""Number of features of a frame for sounding pitches and onsets; drums and the level follow."""
_LOGIT = 6.0
"""Logit of a note of the score, a probability of 0.998; its negative where there is none."""


class ContentSplit:
    """Both halves of a translator that decodes the note posteriors and the level of a log-mel.

    Attributes:
        multiple: the number of frames must be a multiple of this.
        content: the network's tensor of the content, [batch, frames, CONTENT, 1].
    """

    def __init__(self, translator: Translator) -> None:
        """Splits a translator.

        Raises:
            UserError: if it does not decode content.
        """
        network = translator.model
        maps = {layer.name: layer.output for layer in network.layers if layer.name in (MAP, VIEW_MAP)}
        if not maps or maps[MAP].shape[2] != CONTENT:
            raise UserError(
                f"a {translator.card.family} model does not decode note posteriors: name a content_decoder "
                "or a vaegan"
            )
        self.multiple = translator.card.time_multiple
        self.content = maps.get(VIEW_MAP, maps[MAP])
        inputs = dict(zip(input_names(network), network.inputs, strict=True))
        self._encoded = [name for name in inputs if name != FIRST_FRAME]
        self._encoder = keras.Model([inputs[name] for name in self._encoded], self.content)
        # The log-mel stays an input, since latents and noise have its number of frames.
        self._decoded = [name for name in inputs if name != CLOSENESS]
        self._decoder = keras.Model([*(inputs[name] for name in self._decoded), self.content], network.output)

    def encode(self, log_mel: np.ndarray) -> np.ndarray:
        """Content of a log-mel, float32 [frames, CONTENT], see `transcriber.content.build_encoder`.

        Args:
            log_mel: float32 [frames, n_mels].
        """
        return np.array(self._encoder(_inputs(log_mel, self._encoded), training=False))[0, ..., 0]

    def decode(self, content: np.ndarray, log_mel: np.ndarray) -> np.ndarray:
        """Log-mel of content, float32 [frames, n_mels].

        Args:
            content: float32 [frames, CONTENT].
            log_mel: float32 [frames, n_mels], of which only the shape matters.
        """
        inputs = [*_inputs(log_mel, self._decoded), tf.constant(content[None, ..., None])]
        return np.array(self._decoder(inputs, training=False))[0, ..., 0]


def _inputs(log_mel: np.ndarray, names: Sequence[str]) -> list[tf.Tensor]:
    """Inputs of a translator network, by name, for a log-mel [frames, n_mels]."""
    values = inputs_of(tf.constant(log_mel[None, ..., None]), 0, AUTOMATIC)
    return [values[name] for name in names]


def with_notes(content: np.ndarray, roll: Roll) -> np.ndarray:
    """Content with the notes of a score in place of those heard; drums and level stay.

    Args:
        content: float32 [frames, CONTENT].
        roll: of the score, of as many frames.
    """
    logits = _LOGIT * (2 * np.concatenate([roll.sounding, roll.onset], axis=1) - 1)
    return np.concatenate([SCALE * logits, content[:, _NOTES:]], axis=1).astype(np.float32)


def with_note_logits(content: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Content with the note logits of another; the level and the view stay. [frames, numbers] each."""
    return np.concatenate([other[:, :NOTE_LOGITS], content[:, NOTE_LOGITS:]], axis=1)


def with_level(content: np.ndarray, log_mel: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Content with the level of a log-mel by the quantiles of its domain.

    Args:
        content: float32 [frames, CONTENT].
        log_mel: float32 [frames, n_mels].
        quantiles: see `level_quantiles`.
    """
    level = np.interp(log_mel.mean(axis=1), quantiles, special.ndtri(SHARES))
    changed = content.astype(np.float32)
    changed[:, NOTE_LOGITS] = level
    return changed


def level_quantiles(log_mels: Sequence[np.ndarray]) -> np.ndarray:
    """Quantiles `transcriber.content.SHARES` of the levels of recordings, log-mels [frames, n_mels] each."""
    return np.quantile(np.concatenate([each.mean(axis=1) for each in log_mels]), SHARES)
