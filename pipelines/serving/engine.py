"""Model of a worker process: loading, warm-up, translation of windows and predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.protobuf import saved_model_pb2

from pipelines.inference import gain, warmup
from pipelines.inference.loading import from_saved_model, load_export
from pipelines.inference.model_card import ModelCard
from pipelines.inference.model_folders import ASSETS, MODEL_FILE
from pipelines.inference.translate import SongTranslator
from pipelines.inference.windows import Window
from pipelines.nn.dials import Dials
from pipelines.serving.predictor import Outputs, Predictor, Reply
from pipelines.serving.rest import InputSpec, Signature


class Engine:
    """A loaded model with its window translator and its signatures."""

    def __init__(self, folder: Path, song_seconds: float) -> None:
        """Loads an exported model; nothing is unpickled.

        Args:
            folder: of the SavedModel.
            song_seconds: length of the longest waveform of a prediction.

        Raises:
            UserError: if the model is damaged.
        """
        self._folder = folder
        # Signatures have weak references to the variables of their model.
        self._model = load_export(folder)
        self._window_translator = from_saved_model(self._model, folder)
        self._song_translator = SongTranslator(self._window_translator)
        self._signatures = {name: self._model.signatures[name] for name in self._model.signatures}
        max_values = round(2 * song_seconds * self._window_translator.spec.sample_rate)
        input_specs = {name: _input_specs(function) for name, function in self._signatures.items()}
        self._predictor = Predictor(self._run, input_specs, max_values)

    def describe(self) -> dict[str, Any]:
        """Description of the model for the server and its clients, as JSON values."""
        spec = self._window_translator.spec
        return {
            "sample_rate": spec.sample_rate,
            "hop_length": spec.hop_length,
            "window_frames": self._window_translator.windows.size,
            "card": vars(ModelCard.load(self._folder / ASSETS)),
            "metadata": _signature_definitions(self._folder),
        }

    def warm_up(self) -> None:
        """Traces and compiles all graphs by short requests."""
        for name, inputs in warmup.requests(self._window_translator.spec).items():
            self._run(name, inputs)
        clip = np.zeros((self._window_translator.spec.sample_rate // 2, 2), np.float32)
        self.translate_window(clip, 0.0, 0, {})

    def predict(self, bodies: Sequence[bytes]) -> list[Reply]:
        """Replies to predict requests; see `Predictor.predict`."""
        return self._predictor.predict(bodies)

    def translate_window(
        self, song: np.ndarray, loudness: float, index: int, dials: Mapping[str, float]
    ) -> np.ndarray:
        """Translates one window of a song; its loudness is the training loudness.

        Args:
            song: float32 [samples, channels], the whole song at its own loudness.
            loudness: of the song, LUFS.
            index: of the window.
            dials: by name, see `Dials`.

        Returns:
            float32 [samples, channels].
        """
        factor = gain.loudness_gain(loudness, gain.training_loudness(song.shape[1]))
        window = self._window(song, index)
        samples = self._input_samples(song, window) * np.float32(factor)
        return self._song_translator.translate_window(samples, window, len(song), Dials(**dials))

    def _window(self, song: np.ndarray, index: int) -> Window:
        return self._window_translator.windows.all(self._window_translator.spec.frames(len(song)))[index]

    def _input_samples(self, song: np.ndarray, window: Window) -> np.ndarray:
        """Input samples of a window, [span, channels], with zeros beyond both ends of the song."""
        half = self._window_translator.spec.n_fft // 2
        first, last = (sample - half for sample in self._window_translator.sample_span(window))
        inside = song[max(first, 0) : last]
        before = max(-first, 0)
        return np.pad(inside, ((before, last - first - before - len(inside)), (0, 0)))

    def _run(self, signature: str, inputs: Mapping[str, np.ndarray]) -> Outputs:
        tensors = {
            name: tf.constant(value.tolist() if value.dtype == object else value, shape=value.shape)
            for name, value in inputs.items()
        }
        return {name: value.numpy() for name, value in self._signatures[signature](**tensors).items()}


def _input_specs(function: Any) -> Signature:
    """Input specifications of a signature's function, by name."""
    specs = function.structured_input_signature[1]
    return {name: InputSpec(tuple(spec.shape), spec.dtype == tf.string) for name, spec in specs.items()}


def _signature_definitions(folder: Path) -> dict[str, Any]:
    """Signatures of a SavedModel in the form of TensorFlow Serving's metadata."""
    saved = saved_model_pb2.SavedModel.FromString((folder / MODEL_FILE).read_bytes())
    definitions = saved.meta_graphs[0].signature_def
    return {
        name: json_format.MessageToDict(definitions[name], preserving_proto_field_name=True)
        for name in definitions
        if not name.startswith("__")
    }
