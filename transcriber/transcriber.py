"""Transcriber: note posteriors of log-mels of any length."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.inference.windows import Windows, translate_whole, translate_windows
from pipelines.nn.pitches import PITCHES
from transcriber.network_config import NetworkConfig, context_frames
from transcriber.piano_roll import Roll

WINDOW = 2048
"""Frames of a window, without its context."""


class Transcriber:
    """Transcriber of notes, onsets and drums.

    Attributes:
        network: log-mel to logits, see `networks.build_network`.
        config: configuration of the network.
        spec: of the log-mels.
        windows: windows of long recordings.
    """

    def __init__(self, network: keras.Model, config: NetworkConfig, spec: AudioSpec) -> None:
        """Wraps a network, whose weights may change from call to call."""
        self.network, self.config, self.spec = network, config, spec
        context, multiple = context_frames(config), config.time_stride
        self.windows = Windows.from_context(WINDOW, context=context, multiple=multiple)
        signature = [tf.TensorSpec([1, None, spec.n_mels, 1], tf.float32)]
        self._graph = tf.function(self.probabilities, input_signature=signature, autograph=False)

    def __call__(self, log_mel: np.ndarray) -> Roll:
        """Note posteriors of a recording, computed window by window.

        Args:
            log_mel: float [frames, n_mels].

        Returns:
            As many frames.
        """
        whole = tf.convert_to_tensor(np.asarray(log_mel, np.float32)[None, ..., None])
        posteriors = translate_windows(tf, self._graph, whole, self.windows)[0]
        return Roll(*np.split(posteriors, [PITCHES, 2 * PITCHES], axis=1))

    def window(self, log_mel: np.ndarray) -> np.ndarray:
        """`probabilities` of any number of frames at once, [1, frames, n_mels, 1], outside a graph."""
        return translate_whole(tf, self._graph, log_mel, self.windows.multiple).numpy()

    def probabilities(self, log_mel: tf.Tensor) -> tf.Tensor:
        """Probabilities of sounding, onset and drums, concatenated, in the graph.

        Args:
            log_mel: float32 [batch, frames, n_mels, 1], frames a multiple of the network's time stride.

        Returns:
            float32 [batch, frames, 2 * PITCHES + len(DRUM_CLASSES)].
        """
        return tf.sigmoid(self.logits(log_mel))

    def logits(self, log_mel: tf.Tensor) -> tf.Tensor:
        """Logits of `probabilities`, in the same shape."""
        logits = self.network(log_mel, training=False)
        return tf.concat([logits["sounding"], logits["onset"], logits["drums"]], axis=-1)
