"""Export of a translator's network as an ONNX graph."""

from __future__ import annotations

import importlib
import logging
import shutil
from pathlib import Path

import keras
import tensorflow as tf

from pipelines import console
from pipelines.audio.spec import SPEC_FILE
from pipelines.errors import UserError
from pipelines.inference import onnx_folder
from pipelines.inference.export_folder import not_written, replaced, require_replaceable
from pipelines.inference.model_card import ModelCard
from pipelines.inference.model_folders import find_vocoder
from pipelines.inference.onnx_folder import NETWORK_FILE, NoiseInput, Record, fingerprint, is_onnx
from pipelines.nn.position_noise import PositionNoise
from pipelines.nn.translator import Translator, input_names, load_translator
from pipelines.nn.translator_card import CARD_FILE, FIRST_FRAME, TRANSLATOR_FOLDER
from pipelines.quiet import redirected_stderr

OPSET = 18
"""Operator set of the graphs, which onnxruntime 1.14 and later have."""


def export_onnx(
    translator: Translator,
    source: Path,
    folder: Path,
    card: ModelCard | None = None,
    *,
    is_restyled: bool = False,
) -> None:
    """Writes a translator as an ONNX graph; an earlier export in the folder is replaced.

    The graph is float32 and is the whole network but its noise, which is an input, see
    `pipelines.nn.position_noise`: ONNX has no Philox.

    Args:
        translator: loaded from `source`.
        source: folder of the translator.
        folder: of the export; an interrupted export leaves no partial one.
        card: model card; None for the contents of the translator's own card.
        is_restyled: True if the translator has another style than in `source`.

    Raises:
        UserError: if tf2onnx is not installed or cannot convert the network, or the folder exists and is not
            an export, or cannot be written.
    """
    require_replaceable(folder, is_onnx(folder))
    graph = _converted(translator.model)
    record = Record(
        "" if is_restyled else fingerprint(source), tuple(map(_input_of, _noises(translator.model)))
    )
    try:
        with replaced(folder) as new:
            (new / NETWORK_FILE).write_bytes(graph)
            for name in (SPEC_FILE, CARD_FILE):
                shutil.copyfile(source / name, new / name)
            (card or ModelCard.from_translator(translator)).save(new)
            record.save(new)
    except OSError as error:
        raise not_written(folder, error) from error


def export_run(run: Path) -> None:
    """Writes the ONNX export of a finished run, if tf2onnx is installed; what fails is a sentence.

    A run with a vocoder gets none: the export has no vocoder.

    Args:
        run: workdir, with the translator.
    """
    if not onnx_folder.has_converter() or onnx_folder.find(run) or find_vocoder(run):
        return
    source, folder = run / TRANSLATOR_FOLDER, run / onnx_folder.ONNX_FOLDER
    console.say(f"writing {folder}, with which `coverband translate` starts at once")
    try:
        export_onnx(load_translator(source), source, folder)
    except UserError as error:
        console.say(f"{folder} is not written: {error}")


def _converted(model: keras.Model) -> bytes:
    """ONNX graph of a network whose noise is an input."""
    try:
        tf2onnx = importlib.import_module(onnx_folder.CONVERTER)
    except ImportError as error:
        raise UserError('exporting to ONNX needs tf2onnx: pip install "coverband[onnx]"') from error
    inputs = dict(zip(input_names(model), model.inputs, strict=True))
    inputs.pop(FIRST_FRAME, None)
    inputs |= {layer.name: layer.output for layer in _noises(model)}
    network = keras.Model(list(inputs.values()), model.output)
    signature = [tf.TensorSpec(each.shape, each.dtype, name) for name, each in inputs.items()]

    def translate(*tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"translation": network(tensors if len(tensors) > 1 else tensors[0], training=False)}

    function = tf.function(translate, input_signature=signature, autograph=False)
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)  # it names every step
    try:
        with redirected_stderr():
            graph, _ = tf2onnx.convert.from_function(function, input_signature=signature, opset=OPSET)
    except Exception as error:  # of any kind, of a converter's
        raise UserError(f"the network cannot be converted to ONNX ({error!r}): use a SavedModel") from error
    return graph.SerializeToString()


def _noises(model: keras.Model) -> list[PositionNoise]:
    return [layer for layer in model.layers if isinstance(layer, PositionNoise)]


def _input_of(layer: PositionNoise) -> NoiseInput:
    return NoiseInput(layer.name, layer.channels, layer.seed)
