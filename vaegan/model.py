"""VAE-GAN: the band's log-mels from content and a latent, compared in a discriminator's features.

After Larsen et al. 2016, "Autoencoding beyond pixels using a learned similarity metric", algorithm 1. One
thing is added: the decoder is conditioned on the content, the frozen transcriber's note posteriors, so that
    the latent
carries the band's sound only, and other songs can be translated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from pipelines.data.corpus import Corpus
from pipelines.data.statistics import mel_statistics, training_crops
from pipelines.nn.blocks import register
from pipelines.nn.discriminators import features_of, logits_of
from pipelines.nn.model import Batch, Scalars, mean_over_replicas, track_mean
from transcriber import content
from transcriber.content_model import ContentModel
from transcriber.loaders import transcriber_of
from transcriber.transcriber import Transcriber
from vaegan.config import PRESETS, Config
from vaegan.losses import (
    METRIC_DESCRIPTIONS,
    REMEDIES,
    absolute_error,
    cross_entropy,
    equilibrium_gates,
    feature_likelihood,
    kl_divergence,
)
from vaegan.networks import (
    build_decoder,
    build_discriminator,
    build_encoder,
    build_translator,
    context_frames,
    latent_sample,
)

Seeds = Iterator[tf.Tensor]


@register
class VAEGAN(ContentModel):
    """Encoder, decoder and discriminator, and the training step of Larsen et al. 2016.

    Optimizers: "encoder", "decoder" and "discriminator".

    Attributes:
        content_encoders: frozen content encoders of both domains, see `transcriber.content.build_encoder`.
        translator: log-mel [batch, frames, n_mels, 1] -> the same shape: the decoder on the content and the
            mean latent of the band.
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
        self.discriminator = build_discriminator(config)
        self.translator = build_translator(
            self.content_encoders["content"], self.decoder, config.encoder.latent, config.encoder.time_stride
        )
        # Factors of the learning rates: 0 in a step in which a network is not updated.
        self.gates = {name: self.gate(name) for name in ("decoder", "discriminator")}

    @classmethod
    def from_data(cls, config: Config, data: Corpus) -> VAEGAN:
        """Model with the shipped transcriber and the statistics of a data folder."""
        model = cls(config, transcriber_of(data))
        clips = training_crops(data)
        model.set_levels(clips)
        for network in (model.encoder, model.decoder):
            network.get_layer("band_statistics").set_statistics(*mel_statistics(clips["band"]))
        return model

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
        """Updates the networks by algorithm 1, decoder and discriminator only while they are in balance.

        Args:
            clips: unpaired log-mels, "content" and "band", [batch, frames, n_mels, 1] each; and perhaps their
                note posteriors (see `transcriber.content.from_clips`).

        Returns:
            Every loss by name, unweighted, the gates and the learning rates.
        """
        config, seeds = self.config.loss, self.seeds(12)
        contents = self._contents(clips, seeds)
        with tf.GradientTape(persistent=True) as tape:
            mean, log_variance = self.encoder(clips["band"], training=True)
            latent = latent_sample(mean, log_variance, next(seeds))
            reconstruction = self.decoder([contents["band"], latent], training=True)
            prior = tf.random.stateless_normal(tf.shape(latent), next(seeds))
            sample = self.decoder([contents[config.samples], prior], training=True)

            losses = {"kl": kl_divergence(mean, log_variance)}
            losses |= self._discriminated(clips["band"], reconstruction, sample)
            real, generated = losses["discriminator/real"], losses["discriminator/generated"]
            reconstructed = config.features * losses["reconstruction/features"]
            reconstructed += config.pixels * losses["reconstruction/pixels"]
            gan = config.real * real + (1 - config.real) * generated
            non_saturating = losses.pop("decoder/non_saturating")
            adversarial = non_saturating if config.adversarial == "non_saturating" else -gan

            encoder_objective = reconstructed + config.kl * losses["kl"]
            decoder_objective = config.gamma * reconstructed + (1 - config.gamma) * adversarial
        real, generated = mean_over_replicas(real), mean_over_replicas(generated)
        gates = equilibrium_gates(real, generated, config.equilibrium, config.margin)
        for name, gate in gates._asdict().items():
            self.gates[name].assign(tf.cast(gate, tf.float32))
        self.update("encoder", encoder_objective, tape)
        self.update("decoder", decoder_objective, tape)
        self.update("discriminator", gan, tape)
        track_mean(
            self.translator.get_layer("latent").latent,
            tf.reduce_mean(mean, axis=[0, 1]),
            self.config.optimizer.ema_momentum,
        )
        shown = {f"gates/{name}": tf.convert_to_tensor(gate) for name, gate in self.gates.items()}
        return losses | shown | self.end_step()

    def _contents(self, clips: Batch, seeds: Seeds) -> Batch:
        """Perturbed content of the clips of each domain whose content is decoded."""
        return {
            domain: content.perturbed(
                content.from_clips(self.content_encoders[domain], clips, domain), self.config.content, seeds
            )
            for domain in sorted({"band", self.config.loss.samples})
        }

    def _discriminated(self, clip: tf.Tensor, reconstruction: tf.Tensor, sample: tf.Tensor) -> Scalars:
        """Reconstruction and adversarial losses of clips, reconstructions and samples.

        The discriminator is called on each of the three separately, so that the gradient of a loss passes
        only through the clips that the loss is of.
        """
        real, again, drawn = (self.discriminator(x, training=True) for x in (clip, reconstruction, sample))
        generated = [
            tf.concat(scale, axis=0) for scale in zip(logits_of(again), logits_of(drawn), strict=True)
        ]
        return {
            "reconstruction/features": feature_likelihood(features_of(again), features_of(real)),
            "reconstruction/pixels": absolute_error(reconstruction, clip),
            "discriminator/real": cross_entropy(logits_of(real), real=True),
            "discriminator/generated": cross_entropy(generated, real=False),
            "decoder/non_saturating": cross_entropy(generated, real=True),
        }

    @property
    def style_encoder(self) -> keras.Model:
        """Log-mel -> the posterior's means, [batch, positions, latent]."""
        return keras.Model(self.encoder.input, self.encoder.outputs[0], name="style_encoder")

    @property
    def frame_geometry(self) -> tuple[int, int]:
        """See `TranslationModel.frame_geometry`."""
        return context_frames(self.config.decoder, self.transcriber_context), self.config.encoder.time_stride
