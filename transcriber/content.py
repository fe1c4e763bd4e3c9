"""Content, the input of decoders: note logits of the transcriber, the level, and a view of the source.

Content with a view (`build_view_encoder`) has, after the note logits and the level, the contrast, perhaps the
levels of groups of bands, followed by their presence, and the rises of `pipelines.nn.source_view`, and three
more presences: of the notes, of the contrast, and of the rises. Decoders multiply each group by its presence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from scipy import special

from pipelines.audio.spec import AudioSpec
from pipelines.nn.dials import AUTOMATIC
from pipelines.nn.pitches import PITCHES
from pipelines.nn.precision import EXACT, computing_in
from pipelines.nn.quantile_map import PiecewiseLinear
from pipelines.nn.source_view import RISES, GroupLevels, SourceView, contrast_bands
from pipelines.nn.translator_card import CLOSENESS
from transcriber.piano_roll import DRUM_CLASSES

NOTE_LOGITS = 2 * PITCHES + len(DRUM_CLASSES)
"""Number of note logits of a frame: sounding, onset and drums."""

CONTENT = NOTE_LOGITS + 1
"""Number of content features of a frame: note logits and level."""

PRESENCES = ("notes", "contrast", "rises")
"""Groups that all content with a view has a presence of."""

LEAST_LEVELS = 1.0
"""Least presence of the levels, if the view has any, at the automatic closeness."""

MAP, VIEW_MAP = "map", "view_map"
"""Names of the last layers of content encoders."""

SCALE = 0.25
"""Factor that brings logits to a standard deviation of about one."""

SHARES = np.linspace(0.01, 0.99, 15)
"""Quantiles that map the levels of a domain."""


@computing_in(EXACT)
def build_encoder(transcriber: keras.Model, spec: AudioSpec) -> keras.Model:
    """Content encoder, note logits and level: log-mel -> content [batch, frames, CONTENT, 1].

    The level is mapped to a normal distribution, so that all domains have the same; see
    `set_levels`.

    Args:
        transcriber: see `transcriber.networks.build_network`; its layers are shared and not trained.
        spec: of the log-mels.
    """
    log_mel = keras.Input((None, spec.n_mels, 1), name="log_mel")
    outputs = transcriber(log_mel)
    mean = layers.Reshape((-1, 1), name="mean_level")(keras.ops.mean(log_mel, axis=2))
    level = PiecewiseLinear(len(SHARES), name="level")(mean)
    logits = layers.Concatenate(name="note_logits")(
        [outputs[each] for each in ("sounding", "onset", "drums")]
    )
    content = layers.Concatenate(name="content")([logits * SCALE, level])
    return keras.Model(log_mel, layers.Reshape((-1, CONTENT, 1), name=MAP)(content), name="encoder")


def view_size(mels: int, levels: bool = False) -> int:
    """Number of content features of a frame with a view, see `build_view_encoder`."""
    return CONTENT + contrast_bands(mels) + levels * (RISES + 1) + RISES + len(PRESENCES)


@computing_in(EXACT)
def build_view_encoder(
    encoder: keras.Model,
    spec: AudioSpec,
    limits: Mapping[str, float] | None = None,
    group_levels: GroupLevels | None = None,
) -> keras.Model:
    """Encoder of content with a view: log-mel and closeness [batch] -> [batch, frames, view_size, 1].

    Args:
        encoder: see `build_encoder`; its layers are shared.
        spec: of the log-mels.
        limits: of `pipelines.nn.source_view.uncertainty`; None for those of the shipped transcriber.
        group_levels: of the levels in the view, see `pipelines.nn.source_view.GroupLevels`; None for
            a view without levels.
    """
    log_mel, notes = encoder.input, encoder.output
    closeness = keras.Input((), name=CLOSENESS)
    logits = layers.Reshape((-1, NOTE_LOGITS), name="logits")(notes[:, :, :-1]) / SCALE
    contrast, rises, present = SourceView(**(limits or {}), name="view")([log_mel, logits, closeness])
    one = keras.ops.ones_like(present)
    levels = None
    if group_levels is not None:
        least = LEAST_LEVELS * keras.ops.minimum(keras.ops.reshape(closeness, (-1, 1, 1)) / AUTOMATIC, 1.0)
        levels = group_levels(log_mel), keras.ops.maximum(present, least)
    presences = keras.ops.concatenate([one, present, one], axis=-1)
    content = with_view(notes, contrast, rises, presences, levels)
    return keras.Model([log_mel, closeness], layers.Identity(name=VIEW_MAP)(content), name="view_encoder")


def with_view(
    content: Any, contrast: Any, rises: Any, presences: Any, levels: tuple[Any, Any] | None = None
) -> Any:
    """Content with a view, [batch, frames, view_size, 1].

    Args:
        content: see `build_encoder`.
        contrast: [batch, frames, bands].
        rises: [batch, frames, RISES].
        presences: of the notes, of the contrast, and of the rises, [batch, frames, 3].
        levels: [batch, frames, RISES], and their presence, [batch, frames, 1]; None for a view without them.
    """
    view = keras.ops.concatenate([contrast, *(levels or ()), rises, presences], axis=-1)
    return keras.ops.concatenate([content, view[..., None]], axis=2)


def presence(content: Any, group: str) -> Any:
    """Presence of a group of the view, one of `PRESENCES`, [batch, frames]."""
    return content[:, :, PRESENCES.index(group) - len(PRESENCES), 0]


def levels_presence(content: Any, mels: int) -> Any:
    """Presence of the levels of a view that has some, [batch, frames]; mels is the number of bands."""
    return content[:, :, CONTENT + contrast_bands(mels) + RISES, 0]


def features(content: Any, mels: int) -> Any:
    """First layers of a decoder of content with a view: probabilities, and each group by its presence.

    Args:
        content: a Keras tensor, see `build_view_encoder`.
        mels: number of bands.

    Returns:
        A Keras tensor of the same shape.
    """
    ends = (CONTENT, CONTENT + contrast_bands(mels), content.shape[2] - RISES - len(PRESENCES))
    notes, contrast, levels, rest = keras.ops.split(content, ends, axis=2)
    rises, presences = keras.ops.split(rest, (RISES,), axis=2)
    of_notes, of_contrast, of_rises = (presences[:, :, i : i + 1] for i in range(len(PRESENCES)))
    notes = probabilities(notes)
    level = notes[:, :, -1:]
    groups = [notes[:, :, :-1] * of_notes, level, contrast * of_contrast]
    if levels.shape[2]:
        of_levels = levels[:, :, RISES:]
        groups += [levels[:, :, :RISES] * of_levels, of_levels]
    groups += [rises * of_rises, presences]
    return layers.Concatenate(axis=2, name="features")(groups)


def details(content: Any, mels: int) -> list[Any]:
    """Contrast and rises of content with a view, by their presences, as maps of all bands.

    Args:
        content: a Keras tensor, see `build_view_encoder`.
        mels: number of bands, a multiple of RISES.

    Returns:
        Two Keras tensors, [batch, frames, mels, 1]; the contrast is 0 in the highest bands, which have none.
    """
    bands, presences = contrast_bands(mels), content[:, :, -len(PRESENCES) :]
    contrast = content[:, :, CONTENT : CONTENT + bands] * presences[:, :, 1:2]
    rises = content[:, :, -RISES - len(PRESENCES) : -len(PRESENCES)] * presences[:, :, 2:]
    return [
        keras.ops.pad(contrast, [[0, 0], [0, 0], [0, mels - bands], [0, 0]]),
        keras.ops.repeat(rises, mels // RISES, axis=2),
    ]


def from_clips(encoder: keras.Model, batch: Mapping[str, tf.Tensor], domain: str) -> tf.Tensor:
    """Content of a batch's clips; cached note logits are used where the batch has them.

    Args:
        encoder: of the domain, see `build_encoder`.
        batch: log-mels [batch, frames, n_mels, 1] by domain, and optionally logits [batch, frames,
            NOTE_LOGITS] as "DOMAIN/note_logits" (see `transcriber.feature_cache`).
        domain: "content" or "band".

    Returns:
        [batch, frames, CONTENT, 1].
    """
    if (logits := batch.get(f"{domain}/note_logits")) is None:
        return encoder(batch[domain], training=False)
    level = encoder.get_layer("level")(tf.reduce_mean(batch[domain], axis=2))
    return tf.concat([SCALE * logits, level], axis=-1)[..., None]


def probabilities(content: Any) -> Any:
    """Note probabilities, scaled to [-1, 1], and the level, unchanged: the first layers of every decoder.

    The logit of a pitch that does *not* sound depends on the spectrum of the decoder's own band, and has
    other values for another band's song; probabilities saturate there. Without this, brass was 0.5 dB further
    from the truth.

    Args:
        content: a Keras tensor, see `build_encoder`.
    """
    posteriors = layers.Activation("tanh", name="probabilities")(content[:, :, :-1] / (2 * SCALE))
    return layers.Concatenate(axis=2, name="decoder_input")([posteriors, content[:, :, -1:]])


def has_levels(network: keras.Model) -> bool:
    """True for a content encoder and for a translator that begins with one: `set_levels` is for these."""
    return any(isinstance(layer, PiecewiseLinear) for layer in network.layers)


def set_levels(encoder: keras.Model, log_mels: np.ndarray) -> None:
    """Sets the distribution of a domain's levels.

    Args:
        encoder: see `build_encoder`; or a translator, see `has_levels`.
        log_mels: clips of the domain, [clips, frames, n_mels, 1].
    """
    found = np.quantile(log_mels.mean(axis=2), SHARES)
    encoder.get_layer("level").set_points(found, special.ndtri(SHARES))
