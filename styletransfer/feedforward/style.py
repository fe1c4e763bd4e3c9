"""The band's style: mean Gram matrices, and how far from them a network's output has lately been."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from pipelines.nn import parts
from styletransfer.feedforward.config import PerceptualConfig
from styletransfer.feedforward.losses import grouped_gram, style_distance

_AT_ONCE = 16
"""Clips."""


class BandStyle(tf.Module):
    """Style of a band: mean Gram matrices over its clips, and the distance of log-mels to them.

    Attributes:
        recent: running means of the Gram matrices of what was compared, which belong into a checkpoint.
    """

    def __init__(self, network: keras.Model, config: PerceptualConfig, band: np.ndarray) -> None:
        """Measures the band.

        Args:
            network: log-mel -> feature maps; frozen.
            config: groups and memory.
            band: clips, [clips, frames, n_mels, 1].
        """
        super().__init__()
        # In tuples, so that no checkpoint holds what does not change.
        self._network, self._config = (network,), config
        self._goal = tuple(self._mean_grams(band))
        self.recent = [tf.Variable(tf.zeros_like(gram), trainable=False) for gram in self._goal]

    def distance(self, log_mels: tf.Tensor, step: tf.Tensor) -> tf.Tensor:
        """See `style_distance`; of the mean over the last batches, in which one's own chords hardly count.

        The gradient is that of this batch's share, made as large as if it were all.

        Args:
            log_mels: [batch, frames, n_mels, 1].
            step: so many batches have been compared.
        """
        before = tf.cast(step, tf.float32)
        keep = tf.minimum(self._config.memory, before / (before + 1))
        grams = [parts.mean(gram) for gram in self._grams(log_mels)]
        means = [
            keep * mean + (1 - keep) * gram
            for mean, gram in zip(self.recent, parts.whole(grams), strict=True)
        ]
        if parts.is_last():
            for recent, mean in zip(self.recent, means, strict=True):
                recent.assign(mean)
        found = [gram + tf.stop_gradient(mean - gram) for mean, gram in zip(means, grams, strict=True)]
        return style_distance(found, self._goal)

    def _grams(self, log_mels: tf.Tensor) -> list[tf.Tensor]:
        return [grouped_gram(x, self._config.groups) for x in self._network[0](log_mels, training=False)]

    def _mean_grams(self, band: np.ndarray) -> Iterator[tf.Tensor]:
        """Of each layer, over all clips."""
        batches = [band[i : i + _AT_ONCE] for i in range(0, len(band), _AT_ONCE)]
        grams = [self._grams(tf.constant(batch)) for batch in batches]
        for layer in zip(*grams, strict=True):
            yield tf.add_n(
                [gram * (len(batch) / len(band)) for gram, batch in zip(layer, batches, strict=True)]
            )
