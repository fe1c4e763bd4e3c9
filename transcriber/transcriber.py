"""A trained transcriber: what is played in a log-mel, however long."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.inference.windows import Windows, translate_whole, translate_windows
from pipelines.nn.pitch_axis import PITCHES
from transcriber.config import NetworkConfig
from transcriber.networks import context_frames
from transcriber.piano_roll import Roll

WINDOW = 2048
"""Frames that are heard at a time, beside their context."""


class Transcriber:
    """Hears notes, onsets and drums.

    Attributes:
        network: log-mel to logits, see `networks.build_network`.
        config: what it was built from.
        spec: of the log-mels.
        windows: how long recordings are cut.
    """

    def __init__(self, network: keras.Model, config: NetworkConfig, spec: AudioSpec) -> None:
        """Takes a network as it is; its weights may change from call to call."""
        self.network, self.config, self.spec = network, config, spec
        context, multiple = context_frames(config), config.time_stride
        self.windows = Windows.from_context(WINDOW, context=context, multiple=multiple)
        signature = [tf.TensorSpec([1, None, spec.n_mels, 1], tf.float32)]
        self._heard = tf.function(self.probabilities, input_signature=signature, autograph=False)

    def __call__(self, log_mel: np.ndarray) -> Roll:
        """Probabilities of a recording; the network sees one window of it at a time.

        Args:
            log_mel: float [frames, n_mels].

        Returns:
            As many frames.
        """
        whole = tf.convert_to_tensor(np.asarray(log_mel, np.float32)[None, ..., None])
        heard = translate_windows(self._heard, whole, self.windows)[0].numpy()
        return Roll(*np.split(heard, [PITCHES, 2 * PITCHES], axis=1))

    def window(self, log_mel: tf.Tensor) -> np.ndarray:
        """`probabilities` of any number of frames at once, [1, frames, n_mels, 1], outside a graph."""
        return translate_whole(self._heard, log_mel, self.windows.multiple).numpy()

    def probabilities(self, log_mel: tf.Tensor) -> tf.Tensor:
        """In the graph: sounding, onset and drums beside each other.

        Args:
            log_mel: float32 [batch, frames, n_mels, 1], frames a multiple of the network's time stride.

        Returns:
            float32 [batch, frames, 2 * PITCHES + len(DRUM_CLASSES)].
        """
        return tf.sigmoid(self.logits(log_mel))

    def logits(self, log_mel: tf.Tensor) -> tf.Tensor:
        """Those of `probabilities`, the same shapes."""
        logits = self.network(log_mel, training=False)
        return tf.concat([logits["sounding"], logits["onset"], logits["drums"]], axis=-1)
