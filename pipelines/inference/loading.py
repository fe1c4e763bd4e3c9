"""Loading of models by path: training runs, folders of translators and exported SavedModels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf

from pipelines.audio.inversion import Inverter
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.inference.model_folders import (
    ASSETS,
    find_vocoder,
    is_export,
    load_translator_card,
    trained_folder,
)
from pipelines.inference.onnx_folder import is_onnx
from pipelines.inference.window_translator import WindowTranslator
from pipelines.literal_path import literal
from pipelines.nn.dials import AUTOMATIC
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.translator import Translator, inputs_of, load_translator
from pipelines.nn.translator_card import LOG_MEL, rewriting


def load_window_translator(path: Path, vocoder: Path | None = None) -> WindowTranslator:
    """Loads the window translator of a model.

    Args:
        path: workdir of a training run, folder of a translator, or an exported SavedModel.
        vocoder: vocoder that inverts its log-mels, see `checkpoint.find`; None for the one that it was
            trained or exported with, else Griffin-Lim.

    Raises:
        UserError: if there is no model, it is damaged, or the vocoder has another audio spec.
    """
    if is_export(path):
        return from_saved_model(load_export(path), path, vocoder)
    translator = load_trained(path)
    return WindowTranslator.from_translator(translator, load_inverter(path, translator.spec, vocoder))


def load_inverter(model: Path, spec: AudioSpec, vocoder: Path | None = None) -> Inverter | None:
    """Loads the vocoder that inverts a model's log-mels; None for Griffin-Lim.

    Args:
        model: see `load_window_translator`.
        spec: of the model.
        vocoder: the user's choice, see `checkpoint.find`; None for the one of `find_vocoder`.

    Raises:
        UserError: if the vocoder cannot be loaded or has another audio spec.
    """
    path = vocoder or find_vocoder(model)
    return checkpoint.load_for(path, spec, str(model)) if path else None


def load_trained(path: Path) -> Translator:
    """Loads a translator of a training run.

    Args:
        path: workdir of the run, or folder of the translator.

    Raises:
        UserError: if there is none, it is damaged, or its network and its spec do not fit each other.
    """
    folder = trained_folder(path)
    if is_onnx(folder):
        raise UserError(f"{folder} is an ONNX export, for `coverband translate`: name the training run")
    translator = load_translator(folder)
    bands, expected = translator.model.inputs[0].shape[2], translator.spec.n_mels
    if bands != expected:
        raise UserError(
            f"{folder} mixes two models (its network takes {bands} mel bands, its audio_spec.json says "
            f"{expected}): {rewriting(folder) or 'train again or restore it from a copy'}"
        )
    return translator


def load_export(folder: Path) -> Any:
    """Loads the object of an exported SavedModel; nothing is unpickled.

    Raises:
        UserError: if it is damaged, or has no signature `window`.
    """
    try:
        with literal(folder) as path:
            loaded = tf.saved_model.load(str(path))
        loaded.signatures["window"]
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        raise UserError(f"{folder} cannot be loaded ({type(error).__name__}): export it again") from error
    return loaded


def from_saved_model(loaded: Any, folder: Path, vocoder: Path | None = None) -> WindowTranslator:
    """Window translator of an export; uses only its network, so that memory does not grow with the song.

    Args:
        loaded: object of `load_export`.
        folder: of the export.
        vocoder: see `load_window_translator`.

    Raises:
        UserError: if the vocoder cannot be loaded or has another audio spec.
    """
    card, spec = load_translator_card(folder), AudioSpec.load(folder / ASSETS)
    network = loaded.signatures["window"]

    def translate(
        log_mel: tf.Tensor, first_frame: Any = 0, closeness: Any = AUTOMATIC, _model: object = loaded
    ) -> tf.Tensor:
        # The last argument keeps the model alive: a signature has weak references to its variables.
        return network(**inputs_of(log_mel, first_frame, closeness))[LOG_MEL]

    return WindowTranslator.from_network(
        translate,
        spec,
        context=card.context_frames,
        multiple=card.time_multiple,
        inverter=load_inverter(folder, spec, vocoder),
    )
