"""Disentangled model: content and style from an encoder each, and one decoder.

As in one-shot voice conversion (Chou et al. 2019, "One-shot voice conversion by
separately representing speaker and content representations with instance normalization"), a clip is decoded
from its own content and a style, here by FiLM; the style is of another stretch of the recording, so that it
cannot hold the content. A discriminator and the style encoder itself assess translations. The content of some
clips is extracted from a translation of them to another style: back-translation (Lample et al. 2018), by
which the decoder is trained on content as it is extracted from other bands' songs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pipelines.data.corpus import Corpus
from pipelines.data.schema import DOMAINS
from pipelines.data.statistics import mel_statistics, training_crops
from pipelines.nn.blocks import register
from pipelines.nn.discriminators import logits_of
from pipelines.nn.model import Batch, Scalars, track_mean
from transcriber.content_model import ContentModel
from transcriber.loaders import transcriber_of
from transcriber.transcriber import Transcriber
from vaegan.disentangled import codes, networks
from vaegan.disentangled.config import PRESETS, Config
from vaegan.disentangled.losses import METRIC_DESCRIPTIONS, REMEDIES
from vaegan.losses import absolute_error, cross_entropy
from vaegan.networks import build_discriminator

Seeds = Iterator[tf.Tensor]


@register
class Disentangled(ContentModel):
    """Style encoder, content codes, decoder, discriminator and domain probe.

    Optimizers: "generator" (encoders and decoder) and "discriminator" (discriminator and probe).

    Attributes:
        encoders: by domain, log-mel -> content codes.
        style_encoder: log-mel -> styles of its positions.
        translator: log-mel [batch, frames, n_mels, 1] -> the same shape, in the mean style of the band.
    """

    family = "disentangled"
    config_class = Config
    presets = PRESETS
    metric_descriptions = METRIC_DESCRIPTIONS
    remedies = REMEDIES

    def __init__(self, config: Config, transcriber: Transcriber, **kwargs: Any) -> None:
        """Builds all networks.

        Args:
            config: of the run.
            transcriber: of the same audio spec.
            kwargs: of `keras.Model`.
        """
        super().__init__(config, transcriber, **{"name": "disentangled", **kwargs})
        self.codes = codes.build(config, self.content_encoders)
        self.encoders = dict(self.codes.encoders)
        width, size = self.encoders["band"].output_shape[-1], config.style.size
        self.style_encoder = networks.build_style_encoder(config.style, config.spec)
        self.decoder = networks.build_decoder(config.decoder, width, size, config.spec, "decoder")
        self.discriminator = build_discriminator(config.discriminator, config.data.frames // 2, config.spec)
        self.probe = networks.build_probe(width)
        self.translator = networks.build_translator(
            self.encoders["content"], self.decoder, size, config.decoder.time_stride
        )

    @classmethod
    def from_data(cls, config: Config, data: Corpus) -> Disentangled:
        """Model with the shipped transcriber and the statistics of a data folder."""
        model = cls(config, transcriber_of(data))
        clips = training_crops(data)
        model.codes.set_statistics(clips)
        both = mel_statistics(np.concatenate([clips[domain] for domain in DOMAINS]))
        for network in (model.style_encoder, model.decoder):
            network.get_layer("statistics").set_statistics(*both)
        return model

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables of the encoders and the decoder; and of the discriminator and the probe."""
        decoder = [*self.decoder.trainable_variables, *self.codes.trained_variables]
        return {
            "generator": [*self.style_encoder.trainable_variables, *decoder],
            "discriminator": [*self.discriminator.trainable_variables, *self.probe.trainable_variables],
        }

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """AdamW twice, with averaged weights of the encoders and the decoder."""
        config = self.config.optimizer
        return {
            "generator": config.optimizer(self.schedule(config.learning_rate), **config.averaged()),
            "discriminator": config.discriminator_optimizer(
                self.schedule(config.discriminator_learning_rate)
            ),
        }

    def train_step(self, clips: Batch) -> Scalars:
        """Updates encoders and decoder, then discriminator and probe.

        Args:
            clips: unpaired log-mels, "content" and "band", [batch, frames, n_mels, 1] each; and perhaps their
                note posteriors (see `transcriber.content.from_clips`).

        Returns:
            Every loss by name, unweighted, and the learning rates.
        """
        config, clips, seeds = self.config.loss, _halves(clips), self.seeds(32)
        back_translated = self._back_translated(clips, seeds)
        with tf.GradientTape() as tape:
            styles = {domain: _of_other_half(self._styles(clips[domain])) for domain in DOMAINS}
            contents = self._contents(clips, back_translated, seeds)
            band, song, translation = self._decoded(contents, styles, seeds)
            losses = {
                "reconstruction/band": absolute_error(band, clips["band"]),
                "reconstruction/content": absolute_error(song, clips["content"]),
                "style": absolute_error(self._styles(translation), tf.stop_gradient(styles["band"])),
                "adversarial": cross_entropy(logits_of(self.discriminator(translation)), real=True),
                "probe": self._probe_loss(contents),
            }
            reconstruction = losses["reconstruction/band"] + losses["reconstruction/content"]
            objective = config.reconstruction * reconstruction
            objective += config.adversarial * losses["adversarial"] + config.style * losses["style"]
            # A probe below chance has no gradient worth reversing.
            objective -= config.confusion * tf.minimum(losses["probe"], math.log(2))
        self.update("generator", objective, tape)
        with tf.GradientTape() as tape:
            discriminated = self._discriminated(clips["band"], tf.stop_gradient(translation))
            probe = self._probe_loss({domain: tf.stop_gradient(each) for domain, each in contents.items()})
            objective = tf.add_n([*discriminated.values(), probe])
        self.update("discriminator", objective, tape)
        track_mean(
            self.translator.get_layer("latent").latent,
            tf.reduce_mean(styles["band"], axis=0),
            self.config.optimizer.ema_momentum,
        )
        return losses | discriminated | self.end_step()

    def _styles(self, clips: tf.Tensor) -> tf.Tensor:
        """One style of each clip, [batch, size]."""
        return tf.reduce_mean(self.style_encoder(clips, training=True), axis=1)

    def _back_translated(self, clips: Batch, seeds: Seeds) -> tf.Tensor | None:
        """Codes of some of the band's clips, extracted from translations of them to content songs' styles."""
        if not (count := round(self.config.loss.back_translation * clips["band"].shape[0])):
            return None
        some = {name: each[:count] for name, each in clips.items()}
        contents = self.codes(some, "band", seeds)
        translation = self.decoder([contents, _along(self._styles(some["content"]), contents)])
        return tf.stop_gradient(self.codes({"content": tf.maximum(translation, -1.0)}, "content", seeds))

    def _contents(
        self, clips: Batch, back_translated: tf.Tensor | None, seeds: Seeds
    ) -> dict[str, tf.Tensor]:
        """Codes of each domain's clips; of the first band clips, those of their back-translation."""
        contents = {domain: self.codes(clips, domain, seeds) for domain in DOMAINS}
        if back_translated is not None:
            others = contents["band"][back_translated.shape[0] :]
            contents["band"] = tf.concat([back_translated, others], axis=0)
        return contents

    def _decoded(self, contents: Batch, styles: Batch, seeds: Seeds) -> list[tf.Tensor]:
        """Reconstructions of both domains' clips, and the content songs' content in the band's style."""
        wanted = tf.concat([styles["band"], styles["content"], tf.stop_gradient(styles["band"])], axis=0)
        wanted += self.config.style.noise * tf.random.stateless_normal(tf.shape(wanted), next(seeds))
        decoded = tf.concat([contents["band"], contents["content"], contents["content"]], axis=0)
        return tf.split(self.decoder([decoded, _along(wanted, decoded)], training=True), 3)

    def _probe_loss(self, contents: Batch) -> tf.Tensor:
        """Cross entropy of the domain probe on the codes, nats; log(2) at chance."""
        band, song = (self.probe(contents[domain], training=True) for domain in ("band", "content"))
        return 0.5 * (cross_entropy([band], real=True) + cross_entropy([song], real=False))

    def _discriminated(self, real: tf.Tensor, generated: tf.Tensor) -> Scalars:
        """Discriminator losses of the band's clips and of translations."""
        logits = logits_of(self.discriminator(tf.concat([real, generated], axis=0), training=True))
        halves = [tf.split(scale, 2) for scale in logits]
        return {
            "discriminator/real": cross_entropy([half[0] for half in halves], real=True),
            "discriminator/generated": cross_entropy([half[1] for half in halves], real=False),
        }

    def content_codes(self, log_mels: tf.Tensor, domain: str) -> tf.Tensor:
        """Content codes of clips of a domain, [batch, positions, dimensions]."""
        return self.encoders[domain](log_mels)

    @property
    def frame_geometry(self) -> tuple[int, int]:
        """See `TranslationModel.frame_geometry`."""
        config = self.config
        context = networks.context_frames(config.decoder, config.codes, self.transcriber_context)
        return context, config.style.time_stride


def _halves(clips: Batch) -> Batch:
    """First halves, then second halves: [batch, frames, ...] -> [2 batch, frames / 2, ...]."""
    return {name: tf.concat(tf.split(each, 2, axis=1), axis=0) for name, each in clips.items()}


def _of_other_half(styles: tf.Tensor) -> tf.Tensor:
    """The style of each clip's other half, in the order of `_halves`."""
    return tf.concat(tf.split(styles, 2)[::-1], axis=0)


def _along(styles: tf.Tensor, contents: tf.Tensor) -> tf.Tensor:
    """Styles [batch, size] at every position of the codes, [batch, positions, size]."""
    return tf.repeat(styles[:, None], tf.shape(contents)[1], axis=1)
