"""Checkpoint of a base: weights of encoder, decoder and discriminator, the levels of any song, and a card."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras import layers

from pipelines import configuration, weights
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.nn import weight_file
from vaegan.model import VAEGAN

SHIPPED = weights.BASE
"""The base that comes with Coverband."""

_KIND, _CARD = "base", "card"
_SIZES = ("encoder", "decoder", "discriminator")


def named(name: str) -> Path:
    """File that a user names: the path of one, or "shipped"."""
    return SHIPPED if name == "shipped" else Path(name)


def save(path: Path, model: VAEGAN, facts: Mapping[str, Any], dtype: str = "float32") -> None:
    """Writes the weights of a base as one file, atomically.

    Args:
        path: ending in .npz.
        model: base, or a VAE-GAN that started from one.
        facts: information on its training, JSON values.
        dtype: of the weights in the file.
    """
    sizes = {name: configuration.to_dict(getattr(model.config, name)) for name in _SIZES}
    card = {"sizes": sizes, "spec": model.config.spec.to_dict(), "facts": dict(facts)}
    found = [weight for part in _parts(model) for weight in part.get_weights()]
    weight_file.write(path, found, {_CARD: json.dumps(card)}, dtype)


def start_from(model: VAEGAN, path: Path = SHIPPED) -> None:
    """Sets the weights of a model to those of a base; statistics and levels of its data are to be set again.

    Raises:
        UserError: if the file holds no base, or one of other sizes or of another audio spec.
    """
    with weight_file.read(path, _KIND) as stored:
        card, found = json.loads(stored.texts[_CARD]), list(stored.weights)
        spec = AudioSpec.from_dict(card["spec"])
    spec.require_equal(model.config.spec, f"the base in {path.name}", "the model")
    for name in _SIZES:
        sizes = getattr(model.config, name)
        # What is newer than the base has the value that changes nothing.
        if configuration.to_dict(type(sizes)()) | card["sizes"][name] != configuration.to_dict(sizes):
            raise UserError(
                f"the base in {path.name} has another {name} than the model: choose --preset vaegan_base and "
                f"leave the settings of {name} as they are"
            )
    for part in _parts(model):
        count = len(part.get_weights())
        part.set_weights([weight.astype("float32") for weight in found[:count]])
        del found[:count]


def facts(path: Path = SHIPPED) -> dict[str, Any]:
    """Facts on a base's training that `save` stored, JSON values by name.

    Raises:
        UserError: as `start_from`.
    """
    with weight_file.read(path, _KIND) as stored:
        return json.loads(stored.texts[_CARD])["facts"]


def _parts(model: VAEGAN) -> Sequence[layers.Layer]:
    """Networks and layer whose weights a base consists of."""
    level = model.content_encoders["content"].get_layer("level")
    return model.encoder, model.decoder, model.discriminator, level
