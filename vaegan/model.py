"""VAE-GAN: the band's log-mels from content and a latent, compared in a discriminator's features.

After Larsen et al. 2016, "Autoencoding beyond pixels using a learned similarity metric", algorithm 1. The
decoder is conditioned on the content, so that the latent carries the band's sound only, and other songs can
be translated. README.md says what else differs from the paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pipelines.data.corpus import Corpus
from pipelines.data.statistics import mel_statistics, training_crops
from pipelines.nn.adversarial import lazy_r1_penalty
from pipelines.nn.blocks import register
from pipelines.nn.discriminators import logits_of
from pipelines.nn.fixed_latent import fixed_latent
from pipelines.nn.model import Batch, Scalars, mean_over_replicas, track_mean
from pipelines.nn.schedules import ramp
from pipelines.nn.source_distances import contrast_loss, level_loss, rise_loss
from pipelines.nn.source_view import WHOLE, GroupLevels
from transcriber import content
from transcriber.content_model import ContentModel
from transcriber.loaders import transcriber_of
from transcriber.perturbation import perturbed_clips
from transcriber.transcriber import Transcriber
from vaegan.config import PRESETS, Config
from vaegan.losses import (
    EQUILIBRIUM,
    METRIC_DESCRIPTIONS,
    REMEDIES,
    absolute_error,
    discriminated,
    equilibrium_gates,
    kl_divergence,
)
from vaegan.networks import (
    bounded,
    build_decoder,
    build_discriminator,
    build_encoder,
    build_translator,
    context_frames,
    latent_sample,
    noise_channels,
)

Seeds = Iterator[tf.Tensor]
SEEDS = 56
"""More than a step draws."""

_CLIPS_AT_ONCE = 16


@register
class VAEGAN(ContentModel):
    """Encoder, decoder and discriminator, and the training step of Larsen et al. 2016.

    Optimizers: "encoder", "decoder" and "discriminator".

    Attributes:
        content_encoders: frozen content encoders of both domains, see `transcriber.content.build_encoder`.
        group_levels: of both domains, see `pipelines.nn.source_view.GroupLevels`; empty for a view
            without levels.
        translator: see `vaegan.networks.build_translator`.
    """

    family = "vaegan"
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
        super().__init__(config, transcriber, **{"name": "vaegan", **kwargs})
        self.encoder = build_encoder(config.encoder, config.spec)
        self.decoder = build_decoder(config)
        self.discriminator = build_discriminator(config.discriminator, config.data.frames, config.spec)
        # A base has learnt not to take the source's timbre from the view.
        limits = WHOLE if config.decoder.style == "clip" else None
        self.group_levels = {
            domain: GroupLevels(name=f"{domain}_group_levels")
            for domain in (self.content_encoders if config.decoder.levels else ())
        }
        view_encoder = content.build_view_encoder(
            self.content_encoders["content"], config.spec, limits, self.group_levels.get("content")
        )
        self.translator = build_translator(view_encoder, self.decoder, config)
        # Factors of the learning rates: 0 in a step in which a network is not updated.
        self.gates = {name: self.gate(name) for name in ("decoder", "discriminator")}

    @classmethod
    def from_data(cls, config: Config, data: Corpus) -> VAEGAN:
        """Model with the shipped transcriber and the statistics of a data folder."""
        model = cls(config, transcriber_of(data))
        model.adapt(training_crops(data))
        return model

    def adapt(self, clips: Mapping[str, np.ndarray]) -> None:
        """Sets all that is measured and not trained.

        Args:
            clips: of both domains, see `pipelines.data.statistics.training_crops`.
        """
        self.set_levels(clips)
        for domain, layer in self.group_levels.items():
            layer.set_domain(clips[domain])
        self.set_band(clips["band"])

    def set_band(self, clips: np.ndarray) -> None:
        """Sets the statistics of a band, and, if one latent is its style, that.

        Args:
            clips: of the band, log-mels [clips, frames, n_mels, 1].
        """
        for network in (self.encoder, self.decoder):
            network.get_layer("band_statistics").set_statistics(*mel_statistics(clips))
        if self.config.decoder.style == "clip":
            means = self.style_encoder.predict(clips, batch_size=_CLIPS_AT_ONCE, verbose=0)
            fixed_latent(self.translator).set_latent(means.mean(axis=(0, 1)))

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables of the encoder, of the decoder and of the discriminator."""
        networks = {"encoder": self.encoder, "decoder": self.decoder, "discriminator": self.discriminator}
        return {name: network.trainable_variables for name, network in networks.items()}

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """AdamW for each network, with averaged weights of the decoder."""
        config = self.config.optimizer
        decoder = self.schedule(config.learning_rate, self.gates["decoder"])
        discriminator = self.schedule(config.discriminator_learning_rate, self.gates["discriminator"])
        return {
            "encoder": config.optimizer(self.schedule(config.learning_rate)),
            "decoder": config.optimizer(decoder, **config.averaged()),
            "discriminator": config.discriminator_optimizer(discriminator),
        }

    def train_step(self, clips: Batch) -> Scalars:
        """Updates the networks by algorithm 1.

        Args:
            clips: unpaired log-mels, "content" and "band", [batch, frames, n_mels, 1] each; and perhaps their
                note posteriors (see `transcriber.content.from_clips`).

        Returns:
            Every loss by name, unweighted, the gates and the learning rates.
        """
        config, seeds = self.config.loss, self.seeds(SEEDS)
        source, real = clips[config.samples], self.bounded(clips["band"])
        deviation = self.decoder.get_layer("band_statistics").deviation
        contents = {
            domain: self._content(clips, domain, seeds) for domain in sorted({"band", config.samples})
        }
        # A sample is held to what it is shown of its source, so that the dial of closeness is both.
        presence = content.presence(contents[config.samples], "contrast")
        with tf.GradientTape(persistent=True) as tape:
            mean, log_variance = self.encoder(clips["band"], training=True)
            latent = latent_sample(mean, log_variance, next(seeds))
            reconstruction = self._decoded(contents["band"], latent, seeds)
            prior = tf.random.stateless_normal(tf.shape(latent), next(seeds))
            sample = self._decoded(contents[config.samples], prior, seeds)

            losses = {
                "kl": kl_divergence(mean, log_variance),
                "reconstruction/pixels": absolute_error(reconstruction, real),
                "samples/contrast": contrast_loss(sample, source, presence),
                "samples/rises": rise_loss(sample, source),
                **self._level_loss(sample, source, contents[config.samples]),
                "discriminator/penalty": self._penalty(real, deviation),
                **self._discriminated(real, reconstruction, sample),
            }
            begun = ramp(self.progress, config.warm_up, config.ramp)
            reconstructed = config.pixels * losses["reconstruction/pixels"]
            reconstructed += begun * config.features * losses["reconstruction/features"]
            encoder_objective = reconstructed + config.kl * losses["kl"]
            decoder_objective = reconstructed + begun * config.gan * losses["decoder/adversarial"]
            decoder_objective += config.contrast * losses["samples/contrast"]
            decoder_objective += config.rises * losses["samples/rises"]
            if config.levels:
                decoder_objective += config.levels * losses["samples/levels"]
            discriminator_objective = losses["discriminator/real"] + losses["discriminator/generated"]
            discriminator_objective += config.penalty * losses["discriminator/penalty"]
        gates = self._set_gates(losses)
        self.update("encoder", encoder_objective, tape)
        self.update("decoder", decoder_objective, tape)
        self.update("discriminator", discriminator_objective, tape)
        track_mean(
            fixed_latent(self.translator).latent,
            tf.reduce_mean(mean, axis=[0, 1]),
            self.config.optimizer.ema_momentum,
        )
        return losses | gates | self.end_step()

    def bounded(self, log_mel: tf.Tensor) -> tf.Tensor:
        """Log-mels of the band as the decoder can reproduce them, within its bound."""
        return bounded(log_mel, self.decoder, "band_statistics")

    def _content(self, clips: Batch, domain: str, seeds: Seeds) -> tf.Tensor:
        """Perturbed content of the clips of a domain, with a view."""
        encoder, group_levels = self.content_encoders[domain], self.group_levels.get(domain)
        return perturbed_clips(encoder, clips, domain, self.config, seeds, group_levels)

    def _decoded(self, contents: tf.Tensor, latent: tf.Tensor, seeds: Seeds) -> tf.Tensor:
        """Log-mels of content and latents, with new noise."""
        batch, frames = tf.shape(contents)[0], tf.shape(contents)[1]
        noise = tf.random.stateless_normal([batch, frames, noise_channels(self.config)], next(seeds))
        return self.decoder([contents, latent, noise], training=True)

    def _level_loss(self, sample: tf.Tensor, source: tf.Tensor, contents: tf.Tensor) -> Scalars:
        """Distance of the dynamics of samples to their sources', if it has a weight."""
        if not self.config.loss.levels:
            return {}
        presence = content.levels_presence(contents, self.config.spec.n_mels)
        return {"samples/levels": level_loss(sample, source, tf.reduce_mean(presence, axis=1))}

    def _discriminated(self, real: tf.Tensor, reconstruction: tf.Tensor, *samples: tf.Tensor) -> Scalars:
        """Reconstruction loss in features, and adversarial losses, of clips, reconstructions and samples.

        The discriminator is called on each of them separately, so that the gradient of a loss passes only
        through the clips that the loss is of.
        """
        outputs = (self.discriminator(x, training=True) for x in (real, reconstruction, *samples))
        found = discriminated(self.config.loss.adversarial, *outputs)
        return {
            "reconstruction/features": found.features,
            "discriminator/real": found.real,
            "discriminator/generated": found.generated,
            "decoder/adversarial": found.decoder,
        }

    def _penalty(self, real: tf.Tensor, deviation: Any) -> tf.Tensor:
        """Gradient penalty per deviation of the band, in every `penalty_every`-th step; 0 in the others."""
        config = self.config.loss
        if not config.penalty:
            return tf.constant(0.0)
        return lazy_r1_penalty(
            lambda x: logits_of(self.discriminator(x, training=True)),
            real,
            deviation,
            self.step,
            config.penalty_every,
        )

    def _set_gates(self, losses: Scalars) -> Scalars:
        """Sets the gates of this step, and returns them for the log; without a margin they stay open."""
        margin = self.config.loss.margin
        if not margin:
            return {}
        real, generated = (
            mean_over_replicas(losses[f"discriminator/{each}"]) for each in ("real", "generated")
        )
        for name, gate in equilibrium_gates(real, generated, EQUILIBRIUM, margin)._asdict().items():
            self.gates[name].assign(tf.cast(gate, tf.float32))
        return {f"gates/{name}": tf.convert_to_tensor(gate) for name, gate in self.gates.items()}

    @property
    def style_encoder(self) -> keras.Model:
        """Log-mel -> the posterior's means, [batch, positions, latent]."""
        return keras.Model(self.encoder.input, self.encoder.outputs[0], name="style_encoder")

    @property
    def frame_geometry(self) -> tuple[int, int]:
        """See `TranslationModel.frame_geometry`."""
        multiple = int(np.lcm(self.transcriber_stride, self.config.encoder.time_stride))
        return context_frames(self.config.decoder, self.transcriber_context), multiple
