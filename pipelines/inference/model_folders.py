"""Folders of models: training runs, translators and exports; without TensorFlow."""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import UserError
from pipelines.nn.neural_vocoder.files import kept
from pipelines.nn.translator_card import (
    CARD_FILE,
    TRANSLATOR_FOLDER,
    TranslatorCard,
    load_card,
    rewriting,
    whole_folder,
)

MODEL_FILE = "saved_model.pb"
ASSETS = "assets"
"""Folder of a SavedModel for the audio spec, the cards and the vocoder."""


def is_export(folder: Path) -> bool:
    """True if a folder holds a SavedModel."""
    return (folder / MODEL_FILE).is_file()


def load_translator_card(path: Path) -> TranslatorCard:
    """Loads the card of a model.

    Args:
        path: see `load_window_translator`.

    Raises:
        UserError: if there is no model, or its card is damaged.
    """
    return load_card(path / ASSETS if is_export(path) else trained_folder(path))


def trained_folder(path: Path) -> Path:
    """Folder of a trained translator: `path` itself, or the one in a workdir.

    Raises:
        UserError: if there is none.
    """
    if not path.is_dir():
        raise UserError(f"{path} is not a folder: name a training run's --workdir or an exported model")
    for folder in (whole_folder(path / TRANSLATOR_FOLDER), path):
        if (folder / CARD_FILE).is_file():
            return folder
    remedy = (
        rewriting(path / TRANSLATOR_FOLDER)
        or rewriting(path)
        or "name a training run's --workdir that has reached its first checkpoint, or an exported model"
    )
    raise UserError(f"{path} holds no trained model: {remedy}")


def find_vocoder(model: Path) -> Path | None:
    """File of the vocoder that a model was trained or exported with; None for Griffin-Lim.

    Args:
        model: see `load_window_translator`.
    """
    if is_export(model):
        return kept(model / ASSETS)
    runs = (folder for folder in (model, model.parent) if (folder / TRANSLATOR_FOLDER).is_dir())
    return next((file for run in runs if (file := kept(run))), None)
