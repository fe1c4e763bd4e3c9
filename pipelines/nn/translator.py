"""A trained translator on disk: a Keras network from log-mel to log-mel, its spec and its card."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.nn import (  # noqa: F401  (registers the layers that a saved network names)
    blocks,
    discriminators,
    fixed_latent,
    pitch_axis,
    position_noise,
    quantile_map,
    segments,
    source_view,
    transformer,
)
from pipelines.nn.dials import AUTOMATIC
from pipelines.nn.portable import portable
from pipelines.nn.precision import exact
from pipelines.nn.translator_card import (
    CARD_FILE,
    CLOSENESS,
    FIRST_FRAME,
    LOG_MEL,
    MODEL_FILE,
    STYLE_FILE,
    TranslatorCard,
    load_card,
    old_folder,
    rewriting,
)

DISCRIMINATOR_FILE = "discriminator.keras"
_PLAN = "config.json"
"""In a file of Keras."""


@dataclasses.dataclass(frozen=True)
class Translator:
    """A loaded translator.

    Attributes:
        model: network, see `translate`.
        spec: the spec of the log-mels.
        card: see `TranslatorCard`.
    """

    model: keras.Model
    spec: AudioSpec
    card: TranslatorCard

    def __call__(self, log_mel: tf.Tensor, first_frame: Any = 0, closeness: Any = AUTOMATIC) -> tf.Tensor:
        """Translation of a log-mel; see `translate`."""
        return translate(self.model, log_mel, first_frame, closeness)


def input_names(network: keras.Model) -> list[str]:
    """Names of the inputs of a translator network; those without one of the optional names are log-mels."""
    return [each.name if each.name in (FIRST_FRAME, CLOSENESS) else LOG_MEL for each in network.inputs]


def translate(
    network: keras.Model, log_mel: tf.Tensor, first_frame: Any = 0, closeness: Any = AUTOMATIC
) -> tf.Tensor:
    """Translation of a log-mel by a translator network, which is given the inputs that it has.

    Args:
        network: functional model with an input for log-mels and perhaps FIRST_FRAME and CLOSENESS, [batch].
        log_mel: float32 [batch, frames, n_mels, 1], frames a multiple of the card's time_multiple.
        first_frame: number of the first frame within the song, on which the network's noise depends; int32
            scalar or [batch].
        closeness: see `pipelines.nn.dials.Dials`; float32 scalar or [batch].

    Returns:
        Log-mel of the same shape.
    """
    values = inputs_of(log_mel, first_frame, closeness)
    inputs = [values[name] for name in input_names(network)]
    return network(inputs if len(inputs) > 1 else inputs[0], training=False)


def inputs_of(log_mel: tf.Tensor, first_frame: Any, closeness: Any) -> dict[str, tf.Tensor]:
    """All inputs that a translator network may have, by name; see `translate`."""
    log_mel = tf.convert_to_tensor(log_mel)
    batch = [tf.shape(log_mel)[0]]
    return {
        LOG_MEL: log_mel,
        FIRST_FRAME: tf.broadcast_to(tf.cast(first_frame, tf.int32), batch),
        CLOSENESS: tf.broadcast_to(tf.cast(closeness, tf.float32), batch),
    }


def save_translator(
    folder: Path,
    model: keras.Model,
    spec: AudioSpec,
    card: TranslatorCard,
    submodels: Mapping[str, keras.Model] | None = None,
) -> None:
    """Writes a translator into `folder`; a kill leaves the old or the new one whole (see `whole_folder`).

    Args:
        folder: made or replaced.
        model: see `translate`.
        spec: of the log-mels.
        card: see `TranslatorCard`.
        submodels: networks that others may use, too, by the names of their files: see `load_style_encoder`
            and `load_discriminator`.
    """
    new, old = folder.with_name(folder.name + ".new"), old_folder(folder)
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for name, network in {MODEL_FILE: model, **(submodels or {})}.items():
        network.save(new / name)
        _make_portable(new / name)
    (new / CARD_FILE).write_text(json.dumps(dataclasses.asdict(card), indent=2) + "\n")
    spec.save(new)
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.replace(folder, old)
    os.replace(new, folder)
    shutil.rmtree(old, ignore_errors=True)


def _make_portable(path: Path) -> None:
    """Rewrites the plan of a network, so that any supported Keras loads it, in float32."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    plan = portable(exact(files[_PLAN].decode()))
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**files, _PLAN: plan.encode()}.items():
            archive.writestr(name, content)


def load_translator(folder: Path) -> Translator:
    """Loads what `save_translator` wrote, without unpickling anything.

    Raises:
        UserError: if the folder holds no translator, or a damaged one.
    """
    card, spec = load_card(folder), AudioSpec.load(folder)
    return Translator(_network(folder / MODEL_FILE), spec, card)


def load_style_encoder(folder: Path) -> keras.Model:
    """Loads the style encoder that `save_translator` wrote beside a translator.

    Returns:
        log-mel [batch, frames, n_mels, 1] -> latents [batch, positions, numbers]; frames a multiple of the
        card's time_multiple.

    Raises:
        UserError: if there is none, or a damaged one.
    """
    card, path = load_card(folder), folder / STYLE_FILE
    if not path.is_file():
        raise UserError(
            f"{folder} was trained without a style encoder: this {card.family} model has its band's "
            "style only; name a newer run, or one of a family with a style encoder (vaegan, disentangled)"
        )
    return _network(path)


def load_discriminator(folder: Path) -> keras.Model:
    """Loads the discriminator that `save_translator` wrote beside a translator.

    Returns:
        See `pipelines.nn.discriminators.MultiScaleDiscriminator`.

    Raises:
        UserError: if there is none, or a damaged one.
    """
    card, path = load_card(folder), folder / DISCRIMINATOR_FILE
    if not path.is_file():
        raise UserError(
            f"{folder} holds no discriminator: this {card.family} model has none or is too old; name a newer "
            "run of vaegan or disentangled"
        )
    return _network(path)


def _network(path: Path) -> keras.Model:
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        remedy = rewriting(path.parent) or "train again or restore it from a copy"
        raise UserError(f"{path} cannot be loaded ({type(error).__name__}): {remedy}") from error
