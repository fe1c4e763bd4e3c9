"""Shared-latent model: a VAE-GAN of both domains, whose translations are decoded from one latent space.

After Larsen et al. 2016, "Autoencoding beyond pixels using a learned similarity metric", for each domain: a
variational encoder, a decoder, and a discriminator in whose features reconstructions are compared. And after
Liu, Breuel and Kautz 2017, "Unsupervised image-to-image translation networks" (UNIT), for both: the same
latent stands for a clip in either domain, so that a clip is translated by the other domain's decoder. There
is no transcriber. README.md says what differs from the papers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from pipelines.data.corpus import Corpus
from pipelines.data.schema import DOMAINS
from pipelines.data.statistics import mel_statistics, training_crops
from pipelines.nn.adversarial import lazy_r1_penalty
from pipelines.nn.blocks import register
from pipelines.nn.discriminators import logits_of
from pipelines.nn.model import Batch, Scalars, TranslationModel
from pipelines.nn.schedules import ramp
from vaegan.losses import absolute_error, discriminated, kl_divergence
from vaegan.networks import bounded, build_discriminator, latent_sample
from vaegan.shared_latent.config import PRESETS, Config
from vaegan.shared_latent.losses import METRIC_DESCRIPTIONS, REMEDIES
from vaegan.shared_latent.networks import (
    STATISTICS,
    build_decoder,
    build_encoder,
    build_translator,
    frame_geometry,
    in_domain,
)

Seeds = Iterator[tf.Tensor]
SEEDS = 4
"""Posteriors of a step that are sampled: of clips and of translations, in each domain."""


@register
class SharedLatent(TranslationModel):
    """One encoder, two decoders and two discriminators, and a training step after Larsen et al. and UNIT.

    Optimizers: "generator" (encoder and decoders) and "discriminator".

    Attributes:
        encoders: by domain, log-mel -> mean and log-variance of the posterior; all but the statistics of the
            domain is shared.
        decoders: by domain, latent -> log-mel.
        translator: log-mel [batch, frames, n_mels, 1] of a content song -> the same shape, by the band's
            decoder.
    """

    family = "shared_latent"
    config_class = Config
    presets = PRESETS
    metric_descriptions = METRIC_DESCRIPTIONS
    remedies = REMEDIES

    def __init__(self, config: Config, **kwargs: Any) -> None:
        """Builds all networks.

        Args:
            config: of the run.
            kwargs: of `keras.Model`.
        """
        super().__init__(config, **{"name": "shared_latent", **kwargs})
        self.encoder = build_encoder(config.encoder, config.spec)
        self.encoders = {domain: in_domain(self.encoder, domain) for domain in DOMAINS}
        self.decoders = {domain: build_decoder(config, f"{domain}_decoder") for domain in DOMAINS}
        sizes, frames, spec = config.discriminator, config.data.frames, config.spec
        self.discriminators = {
            domain: build_discriminator(sizes, frames, spec, f"{domain}_discriminator") for domain in DOMAINS
        }
        self.translator = build_translator(self.encoders["content"], self.decoders["band"])

    @classmethod
    def from_data(cls, config: Config, data: Corpus) -> SharedLatent:
        """Model with the statistics of a data folder's domains."""
        model = cls(config)
        for domain, clips in training_crops(data).items():
            for network in (model.encoders[domain], model.decoders[domain]):
                network.get_layer(STATISTICS).set_statistics(*mel_statistics(clips))
        return model

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables of the encoder and the decoders; and of the discriminators."""
        networks = {
            "generator": (self.encoder, *self.decoders.values()),
            "discriminator": self.discriminators.values(),
        }
        return {
            name: [v for each in some for v in each.trainable_variables] for name, some in networks.items()
        }

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """AdamW twice, with averaged weights of encoder and decoders."""
        config = self.config.optimizer
        return {
            "generator": config.optimizer(self.schedule(config.learning_rate), **config.averaged()),
            "discriminator": config.discriminator_optimizer(
                self.schedule(config.discriminator_learning_rate)
            ),
        }

    def train_step(self, clips: Batch) -> Scalars:
        """Updates encoder and decoders, then the discriminators, if a loss needs them.

        Args:
            clips: unpaired log-mels, "content" and "band", [batch, frames, n_mels, 1] each.

        Returns:
            Every loss by name and domain, unweighted, and the learning rates.
        """
        config, seeds = self.config.loss, self.seeds(SEEDS)
        real = {domain: bounded(clips[domain], self.decoders[domain], STATISTICS) for domain in DOMAINS}
        with tf.GradientTape(persistent=True) as tape:
            latents, kl = self._encoded(clips, seeds)
            reconstructions, translations = self._decoded(latents), self._decoded(_exchanged(latents))
            losses = {"kl": kl, "pixels": _errors(reconstructions, real)}
            objective = config.pixels * _sum(losses["pixels"]) + config.kl * _sum(losses["kl"])
            if config.cycle:
                again, losses["cycle_kl"] = self._encoded(translations, seeds)
                losses["cycle"] = _errors(self._decoded(_exchanged(again)), real)
                objective += config.cycle * _sum(losses["cycle"]) + config.kl * _sum(losses["cycle_kl"])
            if config.features or config.gan:
                losses |= self._discriminated(real, reconstructions, translations)
                adversarial = config.features * _sum(losses["features"])
                adversarial += config.gan * _sum(losses["adversarial"])
                objective += ramp(self.progress, config.warm_up, 0.0) * adversarial
                discriminator_objective = _sum(losses["discriminator"])
                discriminator_objective += config.penalty * _sum(losses["penalty"])
        self.update("generator", objective, tape)
        if config.features or config.gan:
            self.update("discriminator", discriminator_objective, tape)
        flat = {f"{name}/{domain}": loss for name, each in losses.items() for domain, loss in each.items()}
        return flat | self.end_step()

    def _encoded(self, log_mels: Batch, seeds: Seeds) -> tuple[Batch, Scalars]:
        """Samples of the posteriors of log-mels by domain, and their divergences from the prior."""
        latents, divergences = {}, {}
        for domain in DOMAINS:
            mean, log_variance = self.encoders[domain](log_mels[domain], training=True)
            latents[domain] = latent_sample(mean, log_variance, next(seeds))
            divergences[domain] = kl_divergence(mean, log_variance)
        return latents, divergences

    def _decoded(self, latents: Batch) -> Batch:
        """Log-mels of latents, by the decoder of the domain that they are given for."""
        return {domain: self.decoders[domain](latents[domain], training=True) for domain in DOMAINS}

    def _discriminated(self, real: Batch, reconstructions: Batch, translations: Batch) -> dict[str, Scalars]:
        """Losses in the outputs of each domain's discriminator, and its gradient penalty."""
        losses: dict[str, Scalars] = {
            name: {} for name in ("features", "adversarial", "discriminator", "penalty")
        }
        for domain in DOMAINS:
            three = (each[domain] for each in (real, reconstructions, translations))
            found = discriminated("hinge", *map(self.discriminators[domain], three))
            losses["features"][domain] = found.features
            losses["adversarial"][domain] = found.decoder
            losses["discriminator"][domain] = found.real + found.generated
            losses["penalty"][domain] = self._penalty(real[domain], domain)
        return losses

    def _penalty(self, real: tf.Tensor, domain: str) -> tf.Tensor:
        """Gradient penalty per deviation of the domain, in every `penalty_every`-th step; 0 in the others."""
        config, discriminator = self.config.loss, self.discriminators[domain]
        if not config.penalty:
            return tf.constant(0.0)
        deviation = self.decoders[domain].get_layer(STATISTICS).deviation
        return lazy_r1_penalty(
            lambda x: logits_of(discriminator(x)), real, deviation, self.step, config.penalty_every
        )

    def preview(self, log_mels: Batch) -> dict[str, tf.Tensor]:
        """Translations of fixed content clips, and their cycles back; see `TranslationModel.preview`."""
        translation = self.translator(log_mels["content"])
        mean, _ = self.encoders["band"](translation)
        return {"translation": translation, "cycle": self.decoders["content"](mean)}

    def content_codes(self, log_mels: tf.Tensor, domain: str) -> tf.Tensor:
        """Posterior means of clips of a domain, [batch, positions, latent]."""
        mean, _ = self.encoders[domain](log_mels)
        return mean

    @property
    def frame_geometry(self) -> tuple[int, int]:
        """See `TranslationModel.frame_geometry`."""
        return frame_geometry(self.config)


def _exchanged(latents: Batch) -> Batch:
    """Each domain's latents for the other domain's decoder."""
    content, band = (latents[domain] for domain in ("content", "band"))
    return {"content": band, "band": content}


def _errors(log_mels: Batch, real: Batch) -> Scalars:
    """Mean absolute errors by domain."""
    return {domain: absolute_error(log_mels[domain], real[domain]) for domain in DOMAINS}


def _sum(losses: Scalars) -> tf.Tensor:
    """Sum over the domains."""
    return tf.add_n(list(losses.values()))
