"""Engine of a SavedModel, by TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf import saved_model_pb2

from pipelines.inference.loading import from_saved_model, load_export
from pipelines.inference.model_card import ModelCard
from pipelines.inference.model_folders import ASSETS, MODEL_FILE
from pipelines.serving.engine import Engine
from pipelines.serving.predictor import ModelInputError, Outputs
from pipelines.serving.rest import InputSpec, Signature


class SavedModelEngine(Engine):
    """A SavedModel that `coverband export` wrote."""

    def __init__(self, folder: Path, song_seconds: float) -> None:
        """Loads a model; see `engines.load`."""
        self._folder = folder
        # Signatures have weak references to the variables of their model.
        self._model = load_export(folder)
        self._signatures = {name: self._model.signatures[name] for name in self._model.signatures}
        input_specs = {name: _input_specs(function) for name, function in self._signatures.items()}
        super().__init__(from_saved_model(self._model, folder), input_specs, song_seconds)

    @property
    def card(self) -> ModelCard:
        """See `Engine`."""
        return ModelCard.load(self._folder / ASSETS)

    @property
    def metadata(self) -> dict[str, Any]:
        """See `Engine`."""
        saved = saved_model_pb2.SavedModel.FromString((self._folder / MODEL_FILE).read_bytes())
        definitions = saved.meta_graphs[0].signature_def
        return {
            name: json_format.MessageToDict(definitions[name], preserving_proto_field_name=True)
            for name in definitions
            if not name.startswith("__")
        }

    def run(self, signature: str, inputs: Mapping[str, np.ndarray]) -> Outputs:
        """See `Engine`; all graphs are traced and compiled by their first call."""
        tensors = {
            name: tf.constant(value.tolist() if value.dtype == object else value, shape=value.shape)
            for name, value in inputs.items()
        }
        try:
            return {name: value.numpy() for name, value in self._signatures[signature](**tensors).items()}
        except tf.errors.ResourceExhaustedError as error:
            raise MemoryError from error
        except tf.errors.OpError as error:
            raise ModelInputError(error.message) from error


def _input_specs(function: Any) -> Signature:
    """Input specifications of a signature's function, by name."""
    specs = function.structured_input_signature[1]
    return {name: InputSpec(tuple(spec.shape), spec.dtype == tf.string) for name, spec in specs.items()}
