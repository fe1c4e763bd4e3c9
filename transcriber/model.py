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
from transcriber.losses import METRIC_DESCRIPTIONS, alike, consistency, cross_entropy, edges
from transcriber.networks import build_network


@register
class TranscriberModel(BaseModel):
    """Network that is trained on clips and their piano rolls.

    Optimizers: "transcriber".

    Attributes:
        network: log-mel -> logits, see `build_network`; averaged inside `averaged()`.
        teacher: the same network with averaged weights, for the loss of consistency; None without that loss.
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
        self.teacher = build_network(config.network, config.spec) if config.loss.consistency else None
        if self.teacher is not None:
            self.teacher.trainable = False
            self.teacher.set_weights(self.network.get_weights())

    def call(self, log_mels: tf.Tensor) -> Mapping[str, tf.Tensor]:
        """Logits of log-mels [batch, frames, n_mels, 1]."""
        return self.network(log_mels)

    def set_statistics(self, mean: np.ndarray, deviation: np.ndarray) -> None:
        """Sets mean and deviation of each band of the log-mels, [n_mels] each."""
        for network in (self.network, self.teacher):
            if network is not None:
                network.get_layer("statistics").set_statistics(mean, deviation)

    def start_from(self, network: keras.Model) -> None:
        """Takes over the weights of a trained network of equal sizes, with its statistics of the bands."""
        for ours in (self.network, self.teacher):
            if ours is not None:
                ours.set_weights(network.get_weights())

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
        groups = 1 if self.teacher is None else 2
        batch = augmented(config.spec, batch, config.augment, self.seeds(4), groups)
        with tf.GradientTape() as tape:
            logits = self.network(batch["log_mel"], training=True)
            rarity = {"onset": config.loss.onset_rarity}
            losses = {
                name: cross_entropy(batch[name], logits[name], rarity.get(name, 1.0)) for name in LABELS
            }
            objective = tf.add_n([getattr(config.loss, name) * loss for name, loss in losses.items()])
            if self.teacher is not None:
                losses["consistency"] = self._consistency(batch, logits)
                begun = tf.cast(self.step, tf.float32) / max(config.loss.consistency_warm_up, 1)
                objective += config.loss.consistency * tf.minimum(begun, 1.0) * losses["consistency"]
        self.update("transcriber", objective, tape)
        self._teach()
        return losses | self.end_step()

    def _consistency(self, batch: Batch, logits: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """Mean over sounding pitches and onsets of the distance of twins to their teacher's mean."""
        assert self.teacher is not None
        taught, sounding = self.teacher(batch["log_mel"], training=False), batch["sounding"]
        weight = alike(sounding) * (1.0 + self.config.loss.edges * edges(sounding))
        of_pitches = ("sounding", "onset")
        return tf.add_n([consistency(logits[name], taught[name], weight) for name in of_pitches]) / 2

    def _teach(self) -> None:
        """Moves the teacher's weights towards the network's."""
        if self.teacher is None:
            return
        momentum = self.config.optimizer.ema_momentum
        for average, weight in zip(self.teacher.variables, self.network.variables, strict=True):
            average.assign(momentum * average + (1.0 - momentum) * weight)
