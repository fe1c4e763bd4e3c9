"""Style of a band: mean Gram matrices, and the distance of a network's output to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pipelines.nn.blocks import register
from pipelines.nn.model import mean_over_replicas
from styletransfer.feedforward.losses import grouped_gram, style_distance

_AT_ONCE = 16
"""Clips."""


@register
class BandStyle(keras.layers.Layer):
    """Mean Gram matrices of a band's clips, and running means of those of a network's output.

    Arguments:
        network: log-mel -> feature maps; frozen.
        groups: of neighbouring frequencies, each with a Gram matrix.
        memory: momentum of the running means.
        n_mels: bands of the log-mels.
    """

    def __init__(self, network: keras.Model, groups: int, memory: float, n_mels: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", "trainable": False, **kwargs})
        self.network, self.groups, self.memory, self.n_mels = network, groups, memory, n_mels
        shapes = [gram.shape for gram in self._grams(tf.zeros([1, 64, n_mels, 1]))]
        options = {"initializer": "zeros", "trainable": False, "aggregation": "only_first_replica"}
        self.target = [self.add_weight(name=f"target{i}", shape=x, **options) for i, x in enumerate(shapes)]
        self.recent = [self.add_weight(name=f"recent{i}", shape=x, **options) for i, x in enumerate(shapes)]
        self.built = True

    def set_target(self, band: np.ndarray) -> None:
        """Sets the band's mean Gram matrices, from clips [clips, frames, n_mels, 1]."""
        batches = [band[i : i + _AT_ONCE] for i in range(0, len(band), _AT_ONCE)]
        grams = [self._grams(tf.constant(batch)) for batch in batches]
        for target, layer in zip(self.target, zip(*grams, strict=True), strict=True):
            shares = [gram * (len(batch) / len(band)) for gram, batch in zip(layer, batches, strict=True)]
            target.assign(tf.add_n(shares))

    def call(self, log_mels: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """Distance of log-mels to the band's style, see `style_distance`.

        It is the distance of the running means, in which a batch's own chords hardly count; the gradient is
        that of the batch's Gram matrices at full weight.

        Args:
            log_mels: [batch, frames, n_mels, 1].
            step: number of batches before this one.
        """
        before = tf.cast(step, tf.float32)
        keep = tf.minimum(self.memory, before / (before + 1))
        grams = self._grams(log_mels)
        means = [
            keep * recent + (1 - keep) * mean_over_replicas(tf.stop_gradient(gram))
            for recent, gram in zip(self.recent, grams, strict=True)
        ]
        for recent, mean in zip(self.recent, means, strict=True):
            recent.assign(mean)
        shifted = [gram + tf.stop_gradient(mean - gram) for mean, gram in zip(means, grams, strict=True)]
        return style_distance(shifted, [tf.convert_to_tensor(target) for target in self.target])

    def _grams(self, log_mels: tf.Tensor) -> Sequence[tf.Tensor]:
        return [grouped_gram(x, self.groups) for x in self.network(log_mels, training=False)]

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        network = keras.saving.serialize_keras_object(self.network)
        own = {"network": network, "groups": self.groups, "memory": self.memory, "n_mels": self.n_mels}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> BandStyle:
        """Layer of a configuration."""
        return cls(**{**config, "network": keras.saving.deserialize_keras_object(config["network"])})
