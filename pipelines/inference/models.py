"""Finding the translator behind --model: a training run, a translator's folder, or an exported SavedModel."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.inference.cover import CoverMaker
from pipelines.inference.savedmodel import ASSETS, is_export, maker_of
from pipelines.nn.translator import CARD_FILE, Translator, load_card, load_translator, whole_folder

TRANSLATOR_FOLDER = "translator"
"""Where a training run keeps its translator."""


def load_maker(path: Path) -> CoverMaker:
    """The cover maker of whatever model a user names.

    Args:
        path: the workdir of a training run, a translator's folder, or an exported SavedModel.

    Raises:
        UserError: if there is none, or it is damaged.
    """
    return _exported(path) if is_export(path) else maker_of(load_trained(path))


def load_trained(path: Path) -> Translator:
    """A translator that training wrote.

    Args:
        path: the workdir, or the translator's own folder.

    Raises:
        UserError: if there is none, it is damaged, or its network and its spec do not belong together.
    """
    folder = trained_folder(path)
    translator = load_translator(folder)
    bands, wanted = translator.model.input_shape[2], translator.spec.n_mels
    if bands != wanted:
        raise UserError(
            f"{folder} mixes two models (its network takes {bands} mel bands, its audio_spec.json says "
            f"{wanted}): train again or restore it from a copy"
        )
    return translator


def trained_folder(path: Path) -> Path:
    """The folder of a trained translator: `path` itself, or the one inside a workdir.

    Raises:
        UserError: if there is none.
    """
    if not path.is_dir():
        raise UserError(f"{path} is not a folder: name a training run's --workdir or an exported model")
    for folder in (whole_folder(path / TRANSLATOR_FOLDER), path):
        if (folder / CARD_FILE).is_file():
            return folder
    raise UserError(
        f"{path} holds no trained model: name a training run's --workdir that has reached "
        "its first checkpoint, or an exported model"
    )


def _exported(folder: Path) -> CoverMaker:
    """The cover maker of a SavedModel; only its network is used, so that any song fits in memory."""
    card, spec = load_card(folder / ASSETS), AudioSpec.load(folder / ASSETS)
    try:
        loaded = tf.saved_model.load(str(folder))
        network = loaded.signatures["log_mel"]
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        raise UserError(f"{folder} cannot be loaded ({type(error).__name__}): export it again") from error

    def translate(log_mel: tf.Tensor, _keep: object = loaded) -> tf.Tensor:
        # A signature does not keep alive the variables of the model that it came from.
        return network(log_mel=log_mel)["log_mel"]

    return CoverMaker.of(translate, spec, context=card.context_frames, multiple=card.time_multiple)
