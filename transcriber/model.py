"""Transcriber in training: the transcription network, and one training step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pipelines.nn.blocks import register
from pipelines.nn.model import BaseModel, Batch, Scalars
from transcriber.augment import LABELS, augmented
from transcriber.config import PRESETS, Config
from transcriber.losses import METRIC_DESCRIPTIONS, cross_entropy
from transcriber.networks import build_network


@register
class TranscriberModel(BaseModel):
    """Network that is trained on clips and their piano rolls.

    Optimizers: "transcriber".

    Attributes:
        network: log-mel -> logits, see `build_network`; averaged inside `averaged()`.
    """

    config_class = Config
    presets = PRESETS
    metric_descriptions = METRIC_DESCRIPTIONS

    def __init__(self, config: Config, **kwargs: Any) -> None:
        """Builds the network.

        Args:
            config: of the run.
            kwargs: of `keras.Model`.
        """
        super().__init__(config, **{"name": "transcriber_model", **kwargs})
        self.network = build_network(config.network, config.spec)

    def call(self, log_mels: tf.Tensor) -> Mapping[str, tf.Tensor]:
        """Logits of log-mels [batch, frames, n_mels, 1]."""
        return self.network(log_mels)

    def set_statistics(self, mean: np.ndarray, deviation: np.ndarray) -> None:
        """Sets mean and deviation of each band of the log-mels, [n_mels] each."""
        self.network.get_layer("statistics").set_statistics(mean, deviation)

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables of the network."""
        return {"transcriber": self.network.trainable_variables}

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """AdamW, with averaged weights."""
        config = self.config.optimizer
        return {"transcriber": config.optimizer(self.schedule(config.learning_rate), **config.averaged())}

    def train_step(self, batch: Batch) -> Scalars:
        """Updates the network.

        Args:
            batch: "log_mel" [batch, frames, n_mels, 1] and the labels of transcriber/piano_roll.py.

        Returns:
            Every loss by name, unweighted, and the learning rate.
        """
        config = self.config
        batch = augmented(config.spec, batch, config.augment, self.seeds(4))
        with tf.GradientTape() as tape:
            logits = self.network(batch["log_mel"], training=True)
            rarity = {"onset": config.loss.onset_rarity}
            losses = {
                name: cross_entropy(batch[name], logits[name], rarity.get(name, 1.0)) for name in LABELS
            }
            objective = tf.add_n([getattr(config.loss, name) * loss for name, loss in losses.items()])
        self.update("transcriber", objective, tape)
        return losses | self.end_step()
