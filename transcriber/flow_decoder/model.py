"""Flow decoder: log-mels of the band from noise, by flow matching, given content with a view.

After Lipman et al. 2023, "Flow matching for generative modeling", with straight paths (Liu et al. 2023, "Flow
straight and fast: learning to generate and transfer data with rectified flow"). In place of a discriminator,
a regression of velocities trains a decoder to draw from the band's spectrograms; it pays with several passes
through the network for a translation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from pipelines.data.corpus import Corpus
from pipelines.data.statistics import mel_statistics, training_crops
from pipelines.nn.blocks import register
from pipelines.nn.model import Batch, Scalars
from pipelines.nn.remedies import Remedies
from pipelines.nn.source_distances import contrast_loss, rise_loss
from transcriber import content
from transcriber.content_model import ContentModel
from transcriber.flow_decoder.config import PRESETS, Config
from transcriber.flow_decoder.networks import build_translator, build_velocity, context_frames
from transcriber.loaders import transcriber_of
from transcriber.perturbation import perturbed_clips
from transcriber.transcriber import Transcriber

Seeds = Iterator[tf.Tensor]
_SEEDS = 48
"""More than a step draws."""


@register
class FlowDecoder(ContentModel):
    """Velocity network of a flow from noise to the band's log-mels, and its training step.

    Optimizers: "velocity".

    Attributes:
        velocity: see `transcriber.flow_decoder.networks.build_velocity`.
        translator: see `transcriber.flow_decoder.networks.build_translator`.
    """

    family = "flow_decoder"
    config_class = Config
    presets = PRESETS
    metric_descriptions: ClassVar[Mapping[str, str]] = {
        "flow": "Mean squared error of the velocity, in deviations of the band: falls from 2 to below 1, and "
        "stays there, since the noise cannot be foreseen.",
        "samples/contrast": "1 - correlation of the partials of estimated translations with their sources'.",
        "samples/rises": "1 - correlation of the strokes of estimated translations with their sources'.",
        "learning_rate/velocity": "Learning rate: constant, then linear to zero at the end.",
    }
    remedies = Remedies(
        muting="Train longer.",
        too_loud="Lower optimizer.learning_rate.",
        identity="Train longer; if it stays so, lower loss.contrast and loss.rises.",
        collapse="Train longer; if it stays so, raise loss.contrast and loss.rises.",
    )

    def __init__(self, config: Config, transcriber: Transcriber, **kwargs: Any) -> None:
        """Builds the networks.

        Args:
            config: of the run.
            transcriber: of the same audio spec.
            kwargs: of `keras.Model`.
        """
        super().__init__(config, transcriber, **{"name": "flow_decoder", **kwargs})
        self.velocity = build_velocity(config.network, config.spec)
        view_encoder = content.build_view_encoder(self.content_encoders["content"], config.spec)
        self.translator = build_translator(view_encoder, self.velocity, config.network, config.spec)

    @classmethod
    def from_data(cls, config: Config, data: Corpus) -> FlowDecoder:
        """Model with the shipped transcriber and the statistics of a data folder."""
        model = cls(config, transcriber_of(data))
        clips = training_crops(data)
        model.set_levels(clips)
        model.translator.get_layer("band_statistics").set_statistics(*mel_statistics(clips["band"]))
        return model

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables of the velocity network."""
        return {"velocity": self.velocity.trainable_variables}

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """AdamW, with averaged weights."""
        config = self.config.optimizer
        return {"velocity": config.optimizer(self.schedule(config.learning_rate), **config.averaged())}

    def train_step(self, clips: Batch) -> Scalars:
        """Updates the velocity network.

        Args:
            clips: unpaired log-mels, "content" and "band", [batch, frames, n_mels, 1] each; and perhaps their
                note posteriors (see `transcriber.content.from_clips`).

        Returns:
            Every loss by name, unweighted, and the learning rate.
        """
        config, seeds = self.config.loss, self.seeds(_SEEDS)
        statistics = self.translator.get_layer("band_statistics")
        real = (clips["band"] - statistics.mean) / statistics.deviation
        noise = tf.random.stateless_normal(tf.shape(real), next(seeds))
        time = tf.random.stateless_uniform([tf.shape(real)[0]], next(seeds))
        with tf.GradientTape() as tape:
            state = _between(noise, real, time)
            found = self.velocity([self._content(clips, "band", seeds), state, time], training=True)
            contents = self._content(clips, "content", seeds)
            estimate = statistics(self._estimate(contents, clips["content"], seeds))
            shown = content.presence(contents, "contrast")
            losses = {
                "flow": tf.reduce_mean(tf.square(found - (real - noise))),
                "samples/contrast": contrast_loss(estimate, clips["content"], shown),
                "samples/rises": rise_loss(estimate, clips["content"]),
            }
            objective = config.flow * losses["flow"] + config.contrast * losses["samples/contrast"]
            objective += config.rises * losses["samples/rises"]
        self.update("velocity", objective, tape)
        return losses | self.end_step()

    def _content(self, clips: Batch, domain: str, seeds: Seeds) -> tf.Tensor:
        """Perturbed content of the clips of a domain, with a view."""
        return perturbed_clips(self.content_encoders[domain], clips, domain, self.config, seeds)

    def _estimate(self, contents: tf.Tensor, like: tf.Tensor, seeds: Seeds) -> tf.Tensor:
        """End of the flow of a content, as far as one step from a random time can foresee it, in deviations.

        The flow's states of content songs are not known; they are taken to lie on the way to what the first
        step, without a gradient, foresees.
        """
        noise = tf.random.stateless_normal(tf.shape(like), next(seeds))
        time = tf.random.stateless_uniform([tf.shape(noise)[0]], next(seeds))
        first = noise + self.velocity([contents, noise, tf.zeros_like(time)], training=True)
        state = _between(noise, tf.stop_gradient(first), time)
        return state + (1.0 - time[:, None, None, None]) * self.velocity(
            [contents, state, time], training=True
        )

    @property
    def frame_geometry(self) -> tuple[int, int]:
        """See `TranslationModel.frame_geometry`."""
        network = self.config.network
        multiple = int(np.lcm(self.transcriber_stride, network.time_stride))
        return context_frames(network, self.transcriber_context), multiple


def _between(noise: tf.Tensor, log_mel: tf.Tensor, time: tf.Tensor) -> tf.Tensor:
    """State on the straight path from noise to a log-mel at times [batch] (Liu et al. 2023, equation 1)."""
    share = time[:, None, None, None]
    return (1.0 - share) * noise + share * log_mel
