"""Transcriber on NumPy arrays, for files; without TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipelines import weights as shipped
from pipelines.audio.spec import AudioSpec
from pipelines.inference.windows import Windows, translate_whole
from transcriber import checkpoint_file
from transcriber.array_network import ArrayNetwork
from transcriber.network_config import NetworkConfig, context_frames

WINDOW = 512
"""Frames of a window, without its context: its maps take 80 MB at the shipped sizes."""


class ArrayTranscriber:
    """Transcriber of notes, onsets and drums, equal to `transcriber.Transcriber` of the same weights.

    Attributes:
        spec: of the log-mels.
        windows: windows of long recordings.
    """

    def __init__(self, weights: Sequence[np.ndarray], config: NetworkConfig, spec: AudioSpec) -> None:
        """Takes the weights of a network; see `ArrayNetwork`."""
        self.spec, self._network = spec, ArrayNetwork(weights, config, spec)
        context, multiple = context_frames(config), config.time_stride
        self.windows = Windows.from_context(WINDOW, context=context, multiple=multiple)

    def window(self, log_mel: np.ndarray) -> np.ndarray:
        """Probabilities of any number of frames at once.

        Args:
            log_mel: float32 [1, frames, n_mels, 1].

        Returns:
            float32 [1, frames, 2 * PITCHES + len(DRUM_CLASSES)].
        """
        return translate_whole(np, self._probabilities, log_mel, self.windows.multiple)

    def _probabilities(self, log_mel: np.ndarray) -> np.ndarray:
        return self._network(log_mel[0, ..., 0])[None]


def load(path: Path | None = None) -> ArrayTranscriber:
    """Reads the transcriber of a file, or the one that comes with Coverband.

    Raises:
        UserError: if the file holds none, or is damaged.
    """
    with checkpoint_file.read(path or shipped.TRANSCRIBER) as stored:
        return ArrayTranscriber(stored.network.weights, stored.config, stored.spec)
