"""Model of a worker process: warm-up, translation of windows and predictions."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipelines.inference import gain, warmup_requests
from pipelines.inference.model_card import ModelCard
from pipelines.inference.translate import SongTranslator
from pipelines.inference.window_translation import WindowTranslation
from pipelines.inference.windows import Window
from pipelines.nn.dials import Dials
from pipelines.serving.predictor import Outputs, Predictor, Reply
from pipelines.serving.rest import Signature


class Engine(abc.ABC):
    """A loaded model with its window translator and its signatures."""

    def __init__(
        self, window_translator: WindowTranslation, signatures: Mapping[str, Signature], song_seconds: float
    ) -> None:
        """Wraps a model.

        Args:
            window_translator: of the model.
            signatures: specifications of the inputs of its signatures, by name.
            song_seconds: length of the longest waveform of a prediction.
        """
        self._window_translator = window_translator
        self._song_translator = SongTranslator(window_translator)
        max_values = round(2 * song_seconds * window_translator.spec.sample_rate)
        self._predictor = Predictor(self.run, signatures, max_values)

    @property
    @abc.abstractmethod
    def card(self) -> ModelCard:
        """Model card."""

    @property
    @abc.abstractmethod
    def metadata(self) -> dict[str, Any]:
        """Signatures in the form of TensorFlow Serving's metadata."""

    @abc.abstractmethod
    def run(self, signature: str, inputs: Mapping[str, np.ndarray]) -> Outputs:
        """Calls a signature.

        Raises:
            ModelInputError: if the model does not take these inputs.
            MemoryError: if it has no memory for them.
        """

    def describe(self) -> dict[str, Any]:
        """Description of the model for the server and its clients, as JSON values."""
        spec = self._window_translator.spec
        return {
            "sample_rate": spec.sample_rate,
            "hop_length": spec.hop_length,
            "window_frames": self._window_translator.windows.size,
            "card": vars(self.card),
            "metadata": self.metadata,
        }

    def warm_up(self) -> None:
        """Runs everything once by short requests."""
        for name, inputs in warmup_requests.requests(self._window_translator.spec).items():
            self.run(name, inputs)
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
