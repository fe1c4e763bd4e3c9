"""Finding the translator behind --model: a training run, a translator's folder, or an exported SavedModel."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from pipelines.audio.inversion import Inverter
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.inference.cover import CoverMaker
from pipelines.inference.savedmodel import ASSETS, is_export, maker_of
from pipelines.nn import vocoder_file
from pipelines.nn.translator import CARD_FILE, Translator, load_card, load_translator, whole_folder

TRANSLATOR_FOLDER = "translator"
"""Where a training run keeps its translator."""


def load_maker(path: Path, vocoder: Path | None = None) -> CoverMaker:
    """The cover maker of whatever model a user names.

    Args:
        path: the workdir of a training run, a translator's folder, or an exported SavedModel.
        vocoder: what inverts its log-mels, see `vocoder_file.find`; None for the vocoder that it was exported
            with, else Griffin-Lim.

    Raises:
        UserError: if there is none, or it is damaged, or the vocoder does not fit.
    """
    if is_export(path):
        return _exported(path, vocoder)
    translator = load_trained(path)
    return maker_of(translator, inverter_of(vocoder, translator.spec, path))


def inverter_of(vocoder: Path | None, spec: AudioSpec, model: Path) -> Inverter | None:
    """The vocoder that a user names for a model; None if there is none.

    Raises:
        UserError: see `vocoder_file.load_for`.
    """
    return vocoder_file.load_for(vocoder, spec, str(model)) if vocoder else None


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


def _exported(folder: Path, vocoder: Path | None) -> CoverMaker:
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

    exported = folder / ASSETS / vocoder_file.FILE
    inverter = inverter_of(vocoder or (exported if exported.is_file() else None), spec, folder)
    return CoverMaker.of(
        translate, spec, context=card.context_frames, multiple=card.time_multiple, inverter=inverter
    )
