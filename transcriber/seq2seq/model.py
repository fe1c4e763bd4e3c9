"""Sequence to sequence: patches of the band's log-mel, one after another, from content, by attention.

A Transformer (Vaswani et al. 2017, "Attention is all you need") on patches of frames, as that of Li et al.
2019, "Neural speech synthesis with Transformer network", is one on frames. Its source is content instead of
phonemes, its reduction factor is the patch, and both sequences are on one clock, so that nothing predicts the
end. The pseudo-pairs that it is trained on are the band's songs and the content that the transcriber hears in
them.
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
from transcriber import content
from transcriber.content_model import ContentModel
from transcriber.loaders import transcriber_of
from transcriber.perturbation import perturbed
from transcriber.seq2seq.config import PRESETS, Config, PastConfig
from transcriber.seq2seq.networks import (
    build_decoder,
    build_encoder,
    build_forced,
    build_free,
    build_log_mel,
    build_translator,
)
from transcriber.transcriber import Transcriber

_SEEDS = 8
"""Five for the content, three for the past."""


@register
class Seq2Seq(ContentModel):
    """Encoder and decoder that are trained with mean absolute error.

    Optimizers: "transformer".

    Attributes:
        forced: see `transcriber.seq2seq.networks.build_forced`.
        free: see `transcriber.seq2seq.networks.build_free`.
        translator: see `transcriber.seq2seq.networks.build_translator`.
    """

    family = "seq2seq"
    config_class = Config
    presets = PRESETS
    metric_descriptions: ClassVar[Mapping[str, str]] = {
        "reconstruction": "Mean absolute error of the band's log-mels, each patch predicted from its content "
        "and the patches before it, true ones or predictions. Falls fast for a hundred steps, then slowly.",
        "learning_rate/transformer": "Learning rate: rises, is constant, then linear to zero at the end.",
    }
    remedies = Remedies(
        muting="Lower optimizer.learning_rate.",
        too_loud="Raise past.predicted.",
        identity="Train longer; if it stays so, the content songs sound like the band: choose others.",
        collapse="Train longer; if it stays so, raise past.predicted.",
    )

    def __init__(self, config: Config, transcriber: Transcriber, **kwargs: Any) -> None:
        """Builds the networks.

        Args:
            config: of the run.
            transcriber: of the same audio spec.
            kwargs: of `keras.Model`.
        """
        super().__init__(config, transcriber, **{"name": "seq2seq", **kwargs})
        encoder, decoder = build_encoder(config.network), build_decoder(config.network, config.spec)
        log_mel = build_log_mel(config.network, config.spec)
        self.forced = build_forced(encoder, decoder, log_mel, config.network)
        self.free = build_free(encoder, decoder, log_mel)
        self.statistics = log_mel.get_layer("band_statistics")
        self.translator = build_translator(self.content_encoders["content"], self.free, config)

    @classmethod
    def from_data(cls, config: Config, data: Corpus) -> Seq2Seq:
        """Model with the shipped transcriber and the statistics of a data folder."""
        model = cls(config, transcriber_of(data))
        clips = training_crops(data)
        model.set_levels(clips)
        model.statistics.set_statistics(*mel_statistics(clips["band"]))
        return model

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables of encoder and decoder."""
        return {"transformer": self.forced.trainable_variables}

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """Adam, with averaged weights."""
        config = self.config.optimizer
        rate = self.schedule(config.learning_rate, warm_up=self.config.warm_up)
        return {"transformer": config.optimizer(rate, **config.averaged())}

    def train_step(self, clips: Batch) -> Scalars:
        """Updates encoder and decoder.

        Args:
            clips: log-mels [batch, frames, n_mels, 1], of which "band" is used; and perhaps their note
                posteriors.

        Returns:
            The loss and the learning rate.
        """
        seeds = self.seeds(_SEEDS)
        posteriors = content.from_clips(self.content_encoders["band"], clips, "band")
        posteriors = perturbed(posteriors, self.config.content, seeds)
        past = self._past(clips["band"], posteriors, seeds)
        with tf.GradientTape() as tape:
            predicted = self.forced([posteriors, past], training=True)
            loss = tf.reduce_mean(tf.abs(predicted - clips["band"]))
        self.update("transformer", loss, tape)
        return {"reconstruction": loss} | self.end_step()

    def _past(self, band: tf.Tensor, posteriors: tf.Tensor, seeds: Iterator[tf.Tensor]) -> tf.Tensor:
        """Patches before the predicted ones, in deviations of the band; see `PastConfig`."""
        config = self.config.past
        draw = tf.random.stateless_uniform([tf.shape(band)[0], 1, 1, 1], next(seeds))
        if config.predicted:
            band = tf.where(draw < config.predicted, self.free(posteriors, training=False), band)
        deviations = (band - self.statistics.mean) / self.statistics.deviation
        return perturbed_past(deviations, self.config.network.patch, config, seeds)

    @property
    def frame_geometry(self) -> tuple[int, int]:
        """See `TranslationModel.frame_geometry`: an output depends on its segment and its warm-up."""
        segment = self.config.data.frames
        context = self.transcriber_context + segment + self.config.warm_up_frames
        return context, int(np.lcm(self.transcriber_stride, segment))


def perturbed_past(
    log_mel: tf.Tensor, patch: int, config: PastConfig, seeds: Iterator[tf.Tensor]
) -> tf.Tensor:
    """Patches with noise, of which some are zero, as what stands before the first one is.

    Args:
        log_mel: in deviations of the band, [batch, frames, n_mels, 1].
        patch: frames of a patch.
        config: strength of the perturbation.
        seeds: int32 [2] each; two of them.
    """
    batch, frames = tf.shape(log_mel)[0], tf.shape(log_mel)[1]
    noisy = log_mel + config.noise * tf.random.stateless_normal(tf.shape(log_mel), next(seeds))
    draw = tf.random.stateless_uniform([batch, frames // patch, 1, 1], next(seeds))
    return noisy * tf.repeat(tf.cast(draw >= config.drop, tf.float32), patch, axis=1)
