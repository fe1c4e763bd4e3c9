"""Saving of a model's networks: translator, and style encoder and discriminator where it has them."""

from __future__ import annotations

from pathlib import Path

import keras

from pipelines.nn.model import TranslationModel
from pipelines.nn.translator import DISCRIMINATOR_FILE, STYLE_FILE, save_translator


def save_model(folder: Path, model: TranslationModel) -> None:
    """Writes a model's translator, with its card, and its style encoder and discriminator where it has them.

    Args:
        folder: made or replaced, whole or not at all.
        model: of which the present weights are saved; see `BaseModel.averaged`.
    """
    networks = {STYLE_FILE: "style_encoder", DISCRIMINATOR_FILE: "discriminator"}
    companions = {
        file: network
        for file, name in networks.items()
        if isinstance(network := getattr(model, name, None), keras.Model)
    }
    save_translator(folder, model.translator, model.config.spec, model.translator_card(), companions)
