"""A model inside a worker: loaded from its SavedModel, warmed up, asked for windows and predictions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf import saved_model_pb2

from pipelines.inference import gain, warmup
from pipelines.inference.export import ASSETS, MODEL_FILE
from pipelines.inference.loading import load_export, maker_of_export
from pipelines.inference.model_card import ModelCard
from pipelines.inference.translate import SongTranslator
from pipelines.inference.windows import Window
from pipelines.serving.predicting import Outputs, Predictor, Reply
from pipelines.serving.rest import InputSpec, Signature


class Engine:
    """One model."""

    def __init__(self, folder: Path, song_seconds: float) -> None:
        """Loads an exported model; nothing is unpickled.

        Args:
            folder: of the SavedModel.
            song_seconds: length of the longest waveform in a prediction, at most.

        Raises:
            UserError: if it is damaged.
        """
        self._folder = folder
        # Signatures do not keep their model alive.
        self._model = load_export(folder)
        self._maker = maker_of_export(self._model, folder)
        self._translator = SongTranslator(self._maker)
        self._signatures = {name: self._model.signatures[name] for name in self._model.signatures}
        most = round(2 * song_seconds * self._maker.spec.sample_rate)
        self._predictor = Predictor(
            self._run, {name: _inputs(f) for name, f in self._signatures.items()}, most
        )

    def describe(self) -> dict[str, Any]:
        """Description of the model for the server and its clients, as plain JSON values."""
        spec = self._maker.spec
        return {
            "sample_rate": spec.sample_rate,
            "hop_length": spec.hop_length,
            "window_frames": self._maker.windows.size,
            "card": vars(ModelCard.load(self._folder / ASSETS)),
            "metadata": _signature_definitions(self._folder),
        }

    def warm_up(self) -> None:
        """Runs what takes longer the first time."""
        for name, inputs in warmup.requests(self._maker.spec).items():
            self._run(name, inputs)
        clip = np.zeros((self._maker.spec.sample_rate // 2, 2), np.float32)
        self.play(clip, 0.0, 0, 1.0)

    def predict(self, bodies: Sequence[bytes]) -> list[Reply]:
        """Answers predict requests; see `Predictor.answer`."""
        return self._predictor.answer(bodies)

    def play(self, song: np.ndarray, loudness: float, index: int, strength: float) -> np.ndarray:
        """One window of a song, at the training data's loudness.

        Args:
            song: float32 [samples, channels], all of it, at its own loudness.
            loudness: of the song, LUFS.
            index: of the window.
            strength: 0 to 1.

        Returns:
            float32 [samples, channels].
        """
        factor = gain.between(loudness, gain.training_loudness(song.shape[1]))
        window = self._window(song, index)
        piece = self._piece(song, window) * np.float32(factor)
        return self._translator.window(piece, window, len(song), strength)

    def _window(self, song: np.ndarray, index: int) -> Window:
        found = self._maker.windows.at(index, self._maker.spec.frames(len(song)))
        return Window(*(int(frame) for frame in dataclasses.astuple(found)))

    def _piece(self, song: np.ndarray, window: Window) -> np.ndarray:
        """The samples that a window reads, [span, channels], zeros beyond both ends of the song."""
        half = self._maker.spec.n_fft // 2
        first, last = (place - half for place in self._maker.frame_span(window))
        inside = song[max(first, 0) : last]
        before = max(-first, 0)
        return np.pad(inside, ((before, last - first - before - len(inside)), (0, 0)))

    def _run(self, signature: str, inputs: Mapping[str, np.ndarray]) -> Outputs:
        tensors = {
            name: tf.constant(value.tolist() if value.dtype == object else value, shape=value.shape)
            for name, value in inputs.items()
        }
        return {name: value.numpy() for name, value in self._signatures[signature](**tensors).items()}


def _inputs(function: Any) -> Signature:
    """Input specifications of a signature, by name."""
    specs = function.structured_input_signature[1]
    return {name: InputSpec(tuple(spec.shape), spec.dtype == tf.string) for name, spec in specs.items()}


def _signature_definitions(folder: Path) -> dict[str, Any]:
    """The signatures as TensorFlow Serving's metadata shows them."""
    saved = saved_model_pb2.SavedModel.FromString((folder / MODEL_FILE).read_bytes())
    found = saved.meta_graphs[0].signature_def
    return {
        name: json_format.MessageToDict(found[name], preserving_proto_field_name=True)
        for name in found
        if not name.startswith("__")
    }
