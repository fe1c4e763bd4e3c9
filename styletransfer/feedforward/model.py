"""Feed-forward style transfer: a network trained against the band's Gram matrices.

After Johnson, Alahi & Fei-Fei 2016, "Perceptual losses for real-time style transfer and super-resolution".
Three things differ from the paper: the style is a folder of songs, so that Gram matrices are means over the
band and are compared with running means over batches; features are first standardised; and where they lie
at frequencies, every group of these has a Gram matrix of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pipelines import configuration
from pipelines.data.corpus import Corpus
from pipelines.data.statistics import mel_statistics, training_crops
from pipelines.nn.blocks import register
from pipelines.nn.generator import build_generator, context_frames
from pipelines.nn.model import Batch, Scalars, TranslationModel
from styletransfer.feedforward.config import PRESETS, Config
from styletransfer.feedforward.feature_networks import content_network, style_network
from styletransfer.feedforward.losses import (
    METRIC_DESCRIPTIONS,
    REMEDIES,
    content_distance,
    total_variation,
)
from styletransfer.feedforward.networks import standardised
from styletransfer.feedforward.style import BandStyle


@register
class FeedForward(TranslationModel):
    """Generator, and the frozen feature networks of its losses.

    Optimizers: "generator".

    Attributes:
        content_features: log-mel -> feature maps of the content loss.
        style: Gram matrices of the band, see `BandStyle`.
        translator: the generator, log-mel [batch, frames, n_mels, 1] -> the same shape.
    """

    family = "styletransfer"
    config_class = Config
    presets = PRESETS
    metric_descriptions = METRIC_DESCRIPTIONS
    remedies = REMEDIES

    def __init__(self, config: Config, content: keras.Model, style: keras.Model, **kwargs: Any) -> None:
        """Builds the generator.

        Args:
            config: of the run.
            content: log-mel -> feature maps that the content loss compares; frozen.
            style: log-mel -> feature maps whose Gram matrices the style loss compares; frozen.
            kwargs: of `keras.Model`.
        """
        super().__init__(config, **{"name": "feedforward", **kwargs})
        perceptual = config.perceptual
        self.content_features = content
        self.style = BandStyle(style, perceptual.groups, perceptual.memory, config.spec.n_mels, name="style")
        self.translator = build_generator(config.generator, config.spec, "generator")

    @classmethod
    def from_data(cls, config: Config, data: Corpus, folder: Path | None = None) -> FeedForward:
        """Model with the statistics of a data folder.

        Args:
            config: of the run.
            data: opened data folder.
            folder: of the run, where a feature network that is trained first is stored; None to store none.
        """
        clips = training_crops(data)
        style = style_network(config, data, clips["band"], folder)
        content = content_network(config, data, clips["band"])
        model = cls(config, content, standardised(style, clips["band"]))
        model.set_statistics(clips)
        return model

    def set_statistics(self, clips: Mapping[str, np.ndarray]) -> None:
        """Sets the statistics of both domains and the band's Gram matrices.

        Args:
            clips: for "content" and "band", log-mels [clips, frames, n_mels, 1].
        """
        for layer, domain in (("source_statistics", "content"), ("target_statistics", "band")):
            self.translator.get_layer(layer).set_statistics(*mel_statistics(clips[domain]))
        self.style.set_target(clips["band"])

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables of the generator."""
        return {"generator": self.translator.trainable_variables}

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """Adam, with averaged weights."""
        config = self.config.optimizer
        return {"generator": config.optimizer(self.schedule(config.learning_rate), **config.averaged())}

    def train_step(self, clips: Batch) -> Scalars:
        """Updates the generator.

        Args:
            clips: log-mels [batch, frames, n_mels, 1], of which "content" is used.

        Returns:
            Every loss by name, unweighted, and the learning rate.
        """
        weights = self.config.loss
        source = self.content_features(clips["content"], training=False)
        with tf.GradientTape() as tape:
            translation = self.translator(clips["content"], training=True)
            losses = {
                "content": content_distance(self.content_features(translation, training=False), source),
                "style": self.style(translation, self.step),
                "variation": total_variation(translation),
            }
            objective = tf.add_n([getattr(weights, name) * loss for name, loss in losses.items()])
        self.update("generator", objective, tape)
        return losses | self.end_step()

    @property
    def frame_geometry(self) -> tuple[int, int]:
        """See `TranslationModel.frame_geometry`."""
        generator = self.config.generator
        return context_frames(generator), generator.time_stride

    def get_config(self) -> dict[str, Any]:
        """Configuration of the model and of its feature networks, as plain values."""
        networks = {"content": self.content_features, "style": self.style.network}
        plain = {name: keras.saving.serialize_keras_object(each) for name, each in networks.items()}
        return {**super().get_config(), **plain}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> FeedForward:
        """Model of a configuration; its weights are new."""
        networks = (keras.saving.deserialize_keras_object(config[name]) for name in ("content", "style"))
        return cls(configuration.from_dict(Config, config["config"]), *networks)
