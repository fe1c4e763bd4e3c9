"""Finding the translator behind --model: a training run, a translator's folder, or an exported SavedModel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf

from pipelines.audio.inversion import Inverter
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.inference.export import ASSETS, is_export, maker_of
from pipelines.inference.window_translator import CoverMaker
from pipelines.literal_path import literal
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.translator import (
    CARD_FILE,
    TRANSLATOR_FOLDER,
    Translator,
    load_card,
    load_translator,
    rewriting,
    whole_folder,
)


def load_maker(path: Path, vocoder: Path | None = None) -> CoverMaker:
    """The cover maker of whatever model a user names.

    Args:
        path: the workdir of a training run, a translator's folder, or an exported SavedModel.
        vocoder: what inverts its log-mels, see `vocoder_file.find`; None for the vocoder that it was trained
            or exported with, else Griffin-Lim.

    Raises:
        UserError: if there is none, or it is damaged, or the vocoder does not fit.
    """
    if is_export(path):
        return maker_of_export(load_export(path), path, vocoder)
    translator = load_trained(path)
    return maker_of(translator, inverter_of(vocoder, translator.spec, path))


def inverter_of(vocoder: Path | None, spec: AudioSpec, model: Path) -> Inverter | None:
    """The vocoder that a user names for a trained model, else the one that its run keeps; None for neither.

    Raises:
        UserError: see `vocoder_file.load_for`.
    """
    named = vocoder or kept_vocoder(model)
    return checkpoint.load_for(named, spec, str(model)) if named else None


def kept_vocoder(path: Path) -> Path | None:
    """The vocoder that a model was trained with, `--vocoder` of the train commands; None for Griffin-Lim.

    Args:
        path: the workdir, or the translator's own folder inside it.
    """
    runs = (folder for folder in (path, path.parent) if (folder / TRANSLATOR_FOLDER).is_dir())
    return next((kept for run in runs if (kept := checkpoint.kept(run))), None)


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
            f"{wanted}): {rewriting(folder) or 'train again or restore it from a copy'}"
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
    remedy = (
        rewriting(path / TRANSLATOR_FOLDER)
        or rewriting(path)
        or "name a training run's --workdir that has reached its first checkpoint, or an exported model"
    )
    raise UserError(f"{path} holds no trained model: {remedy}")


def load_export(folder: Path) -> Any:
    """Object that `tf.saved_model.load` returns for an export.

    Raises:
        UserError: if it is damaged, or older than the signature that is used here.
    """
    try:
        with literal(folder) as path:
            loaded = tf.saved_model.load(str(path))
        loaded.signatures["log_mel"]
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        raise UserError(f"{folder} cannot be loaded ({type(error).__name__}): export it again") from error
    return loaded


def maker_of_export(loaded: Any, folder: Path, vocoder: Path | None = None) -> CoverMaker:
    """The cover maker of a SavedModel; only its network is used, so that any song fits in memory.

    Args:
        loaded: by `load_export`.
        folder: that it was loaded from.
        vocoder: see `load_maker`.

    Raises:
        UserError: if the vocoder does not fit.
    """
    card, spec = load_card(folder / ASSETS), AudioSpec.load(folder / ASSETS)
    network = loaded.signatures["log_mel"]

    def translate(log_mel: tf.Tensor, _keep: object = loaded) -> tf.Tensor:
        # A signature does not keep alive the variables of the model that it came from.
        return network(log_mel=log_mel)["log_mel"]

    named = vocoder or checkpoint.kept(folder / ASSETS)
    inverter = checkpoint.load_for(named, spec, str(folder)) if named else None
    return CoverMaker.of(
        translate, spec, context=card.context_frames, multiple=card.time_multiple, inverter=inverter
    )
