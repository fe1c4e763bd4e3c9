"""A feed-forward network for style: trained against Gram matrices, then one pass for any song.

After Johnson, Alahi & Fei-Fei 2016, "Perceptual losses for real-time style transfer and super-resolution".
Three things are not the paper's: the style is a folder of songs, so that Gram matrices are means over the
band and are compared with running means over batches; features are first standardised; and where they lie
at frequencies, every group of these has a Gram matrix of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from pipelines.data.statistics import mel_statistics
from pipelines.nn import optimizers
from pipelines.nn.apply_gradients import descend
from pipelines.nn.averaging import track_average
from pipelines.nn.generator import build_generator, context_frames
from pipelines.nn.translator import TranslatorCard
from styletransfer.feedforward.config import Config
from styletransfer.feedforward.losses import content_distance, total_variation
from styletransfer.feedforward.metric_descriptions import CURVES, REMEDIES
from styletransfer.feedforward.style import BandStyle


class FeedForward(keras.Model):
    """A transform network that learns, its average, and the frozen networks that judge it.

    Attributes:
        step: steps taken, int64.
        progress: share of the training that is done; drives the learning rate; set by the training loop.
        translator: log-mel [batch, frames, n_mels, 1] -> the same shape, by averaged weights.
        curves: what each curve should look like, by the names that `train_step` returns.
        remedies: what to do about what the watch finds.
    """

    curves: Mapping[str, str] = CURVES
    remedies = REMEDIES

    def __init__(
        self, config: Config, content: keras.Model, style: keras.Model, crops: Mapping[str, np.ndarray]
    ) -> None:
        """Builds everything, and measures the band's style.

        Args:
            config: of the run.
            content: log-mel -> feature maps that are to stay.
            style: log-mel -> feature maps whose Gram matrices are to be the band's.
            crops: for "content" and "band", log-mels [clips, frames, n_mels, 1].
        """
        super().__init__(name="feedforward")
        self.config = config
        # In a tuple, so that no checkpoint or weight list of this model holds what does not learn.
        self._content = (content,)
        self.style = BandStyle(style, config.perceptual, crops["band"])
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        self.progress = tf.Variable(0.0, trainable=False, name="progress")
        self.network = build_generator(config.generator, config.spec, "transform")
        self.translator = build_generator(config.generator, config.spec, "average")
        self._set_statistics(crops)
        self.translator.set_weights(self.network.get_weights())
        self.compile()

    def _set_statistics(self, crops: Mapping[str, np.ndarray]) -> None:
        for layer, domain in (("source_statistics", "content"), ("target_statistics", "band")):
            self.network.get_layer(layer).set_statistics(*mel_statistics(crops[domain]))

    def compile(self) -> None:
        """Makes the optimizer and builds its state at once, so that a checkpoint finds it."""
        self.adam = optimizers.built(self.config.optimizer, self.network.trainable_variables)
        super().compile(optimizer=self.adam, jit_compile=False)

    def train_step(self, clips: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One step.

        Args:
            clips: log-mels [batch, frames, n_mels, 1], of which "content" is used: of the band, the mean
                Gram matrices are known.
        """
        rate = optimizers.follow_schedule(self.adam, self.config.optimizer, self.progress)
        content, weights = self._content[0], self.config.loss
        wanted = content(clips["content"], training=False)
        with tf.GradientTape() as tape:
            made = self.network(clips["content"], training=True)
            losses = {
                "content": content_distance(content(made, training=False), wanted),
                "style": self.style.distance(made, self.step),
                "variation": total_variation(made),
            }
            objective = tf.add_n([getattr(weights, name) * loss for name, loss in losses.items()])
        variables = self.network.trainable_variables
        descend(tape.gradient(objective, variables), self.adam, variables)
        track_average(self.translator, self.network, self.config.optimizer.average, self.step)
        self.step.assign_add(1)
        return losses | {"rate/transform": rate}

    def preview(self, log_mels: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Output of the averaged network for fixed content clips."""
        return {"translation": self.translator(log_mels["content"])}

    def translator_card(self) -> TranslatorCard:
        """Card of the translator: family, preset, training steps, context frames and time multiple."""
        network = self.config.generator
        return TranslatorCard(
            "styletransfer",
            self.config.preset,
            int(self.step.numpy()),
            context_frames(network),
            network.time_stride,
        )
