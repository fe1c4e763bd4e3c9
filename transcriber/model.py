"""The transcriber while it learns: one network, its average, and one training step."""

from __future__ import annotations

import random
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from pipelines.nn import schedules
from pipelines.nn.apply_gradients import descend
from pipelines.nn.averaging import track_average
from pipelines.nn.seeds import of_step
from transcriber.augment import LABELS, augmented
from transcriber.config import Config
from transcriber.losses import cross_entropy
from transcriber.metric_descriptions import CURVES
from transcriber.networks import build_network


class TranscriberModel(keras.Model):
    """Learns from clips and their scores.

    Attributes:
        step: steps taken, int64.
        progress: share of the training that is done; drives the learning rate; set by the training loop.
        average: the network with averaged weights, for inference; see `build_network`.
        curves: what each curve should look like, by the names that `train_step` returns.
    """

    curves = CURVES

    def __init__(self, config: Config) -> None:
        super().__init__(name="transcriber_model")
        self.config = config
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        self.progress = tf.Variable(0.0, trainable=False, name="progress")
        # From the seed of the run (keras.utils.set_random_seed), and in the checkpoint.
        self.seed = tf.Variable(random.randrange(2**31), dtype=tf.int32, trainable=False, name="seed")
        self.network = build_network(config.network, config.spec)
        self.average = build_network(config.network, config.spec)
        self.average.set_weights(self.network.get_weights())
        self.compile()

    def compile(self) -> None:
        """Makes the optimizer and builds its state at once, so that a checkpoint finds it."""
        config = self.config.optimizer
        self.adam = keras.optimizers.AdamW(config.rate, config.decay, global_clipnorm=config.clip_norm)
        self.adam.build(self.network.trainable_variables)
        super().compile(optimizer=self.adam, jit_compile=False)

    def set_statistics(self, mean: np.ndarray, deviation: np.ndarray) -> None:
        """Tells the networks how the log-mels are spread: mean and deviation of each band, [n_mels] each."""
        for network in (self.network, self.average):
            network.get_layer("statistics").set_statistics(mean, deviation)

    def train_step(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One step.

        Args:
            batch: "log_mel" [batch, frames, n_mels, 1] and the labels of transcriber/piano_roll.py.

        Returns:
            Every loss by name, unweighted, and the learning rate.
        """
        config = self.config
        rate = schedules.constant_then_linear_decay(
            self.progress, config.optimizer.rate, config.optimizer.hold
        )
        self.adam.learning_rate.assign(rate)
        batch = augmented(config.spec, batch, config.augment, of_step(self.seed, self.step, 4))
        with tf.GradientTape() as tape:
            losses = self._cross_entropies(self.network(batch["log_mel"], training=True), batch)
            objective = tf.add_n([getattr(config.loss, name) * loss for name, loss in losses.items()])
        variables = self.network.trainable_variables
        descend(tape.gradient(objective, variables), self.adam, variables)
        track_average(self.average, self.network, config.optimizer.average, self.step)
        self.step.assign_add(1)
        return losses | {"rate/transcriber": rate}

    def _cross_entropies(
        self, logits: Mapping[str, tf.Tensor], batch: Mapping[str, tf.Tensor]
    ) -> dict[str, tf.Tensor]:
        rarity = {"onset": self.config.loss.onset_rarity}
        return {name: cross_entropy(batch[name], logits[name], rarity.get(name, 1.0)) for name in LABELS}
