"""Export of a translator's network as an ONNX graph."""

from __future__ import annotations

import importlib
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from pipelines import console
from pipelines.audio.spec import SPEC_FILE
from pipelines.errors import UserError
from pipelines.inference import onnx_folder
from pipelines.inference.export_folder import not_written, replaced, require_replaceable
from pipelines.inference.model_card import ModelCard
from pipelines.inference.model_folders import find_vocoder
from pipelines.inference.onnx_folder import (
    NETWORK_FILE,
    VOCODER_FILE,
    NoiseInput,
    Record,
    fingerprint,
    is_onnx,
)
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.position_noise import PositionNoise
from pipelines.nn.translator import Translator, input_names, load_translator
from pipelines.nn.translator_card import CARD_FILE, FIRST_FRAME, MODEL_FILE, TRANSLATOR_FOLDER
from pipelines.quiet import redirected_stderr

OPSET = 18
"""Operator set of the graphs, which onnxruntime 1.14 and later have."""

FEATURES = "features"
"""Name of the input of a vocoder's graph."""


def export_onnx(
    translator: Translator,
    source: Path,
    folder: Path,
    card: ModelCard | None = None,
    vocoder: Path | None = None,
    *,
    is_restyled: bool = False,
) -> None:
    """Writes a translator as an ONNX graph; an earlier export in the folder is replaced.

    The graph is float32 and is the whole network but its noise, which is an input, see
    `pipelines.nn.position_noise`: ONNX has no Philox. A vocoder's network is a second graph.

    Args:
        translator: loaded from `source`.
        source: folder of the translator.
        folder: of the export; an interrupted export leaves no partial one.
        card: model card; None for the contents of the translator's own card.
        vocoder: vocoder that inverts the log-mels, see `checkpoint.find`; None for Griffin-Lim.
        is_restyled: True if the translator has another style than in `source`.

    Raises:
        UserError: if tf2onnx is not installed or cannot convert the network, or the folder exists and is not
            an export, or cannot be written, or the vocoder has another audio spec.
    """
    require_replaceable(folder, is_onnx(folder))
    inverter = checkpoint.load_for(vocoder, translator.spec, str(source)) if vocoder else None
    # Before the conversion, during which a run may replace its translator.
    record = Record(
        "" if is_restyled else fingerprint(source / MODEL_FILE),
        tuple(NoiseInput(layer.name, layer.channels, layer.seed) for layer in _noises(translator.model)),
        fingerprint(checkpoint.find(vocoder) if vocoder else None),
        inverter.card if inverter else None,
    )
    graphs = {NETWORK_FILE: _translator_graph(translator.model)}
    if inverter:
        graphs[VOCODER_FILE] = _graph(inverter.network, {FEATURES: inverter.network.inputs[0]})
    try:
        with replaced(folder) as new:
            for name, graph in graphs.items():
                (new / name).write_bytes(graph)
            for name in (SPEC_FILE, CARD_FILE):
                shutil.copyfile(source / name, new / name)
            (card or ModelCard.from_translator(translator)).save(new)
            record.save(new)
    except OSError as error:
        raise not_written(folder, error) from error


def export_run(run: Path) -> None:
    """Writes the ONNX export of a finished run, if tf2onnx is installed; what fails is a sentence.

    Args:
        run: workdir, with the translator and perhaps a vocoder.
    """
    if not onnx_folder.has_converter() or onnx_folder.find(run):
        return
    source, folder = run / TRANSLATOR_FOLDER, run / onnx_folder.ONNX_FOLDER
    console.say(f"writing {folder}, with which `coverband translate` starts at once")
    try:
        export_onnx(load_translator(source), source, folder, vocoder=find_vocoder(run))
    except UserError as error:
        console.say(f"{folder} is not written: {error}")


def _translator_graph(model: keras.Model) -> bytes:
    """ONNX graph of a translator's network whose noise is an input."""
    inputs = dict(zip(input_names(model), model.inputs, strict=True))
    inputs.pop(FIRST_FRAME, None)
    inputs |= {layer.name: layer.output for layer in _noises(model)}
    return _graph(keras.Model(list(inputs.values()), model.output), inputs)


def _graph(network: keras.Model, inputs: Mapping[str, Any]) -> bytes:
    """ONNX graph of a network.

    Args:
        network: with one output.
        inputs: Keras tensors of the network's inputs, by their names in the graph.
    """
    try:
        tf2onnx = importlib.import_module(onnx_folder.CONVERTER)
    except ImportError as error:
        raise UserError('exporting to ONNX needs tf2onnx: pip install "coverband[onnx]"') from error
    signature = [tf.TensorSpec(each.shape, each.dtype, name) for name, each in inputs.items()]

    def call(*tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"output": network(tensors if len(tensors) > 1 else tensors[0], training=False)}

    function = tf.function(call, input_signature=signature, autograph=False)
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)  # it names every step
    try:
        with redirected_stderr():
            graph, _ = tf2onnx.convert.from_function(function, input_signature=signature, opset=OPSET)
    except Exception as error:  # of any kind, of a converter's
        raise UserError(f"the network cannot be converted to ONNX ({error!r}): use a SavedModel") from error
    return graph.SerializeToString()


def _noises(model: keras.Model) -> list[PositionNoise]:
    return [layer for layer in model.layers if isinstance(layer, PositionNoise)]
