"""VAE-GAN: the band's log-mels from what is played and a latent, compared in a discriminator's features.

After Larsen et al. 2016, "Autoencoding beyond pixels using a learned similarity metric", algorithm 1. One
thing is added: the decoder is also given what the frozen transcriber hears, so that the latent carries only how
the band sounds, and songs of others can be played.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from pipelines.data.statistics import mel_statistics
from pipelines.nn import parts, schedules, stateless_random
from pipelines.nn.apply_gradients import descend
from pipelines.nn.averaging import track_average, track_value
from pipelines.nn.discriminators import build_discriminator, features_of, logits_of
from pipelines.nn.seeds import of_step
from pipelines.nn.translator import TranslatorCard
from transcriber import content
from transcriber.networks import context_frames as heard_frames
from transcriber.transcriber import Transcriber
from vaegan.config import Config
from vaegan.losses import (
    Gates,
    absolute_error,
    cross_entropy,
    equilibrium_gates,
    feature_likelihood,
    kl_divergence,
)
from vaegan.metric_descriptions import CURVES, REMEDIES
from vaegan.networks import build_decoder, build_encoder, build_translator, context_frames

Clips = Mapping[str, tf.Tensor]
Scalars = dict[str, tf.Tensor]
Seeds = Iterator[tf.Tensor]


class Objectives(NamedTuple):
    """Objectives of the networks, scalars: each is minimised over the variables of its own network."""

    encoder: tf.Tensor
    decoder: tf.Tensor
    discriminator: tf.Tensor


class VAEGAN(keras.Model):
    """A frozen transcriber, the three networks that learn, their optimizers, and one training step.

    Attributes:
        step: steps taken, int64.
        progress: share of the training that is done; drives the schedules; set by the training loop.
        translator: log-mel [batch, frames, n_mels, 1] -> the same shape, by averaged weights, with the
            latent that the band's clips have on average.
        curves: what each curve should look like, by the names that `train_step` returns.
        remedies: what to do about what the watch finds.
    """

    curves = CURVES
    remedies = REMEDIES

    def __init__(self, config: Config, transcriber: Transcriber) -> None:
        """Builds everything.

        Args:
            config: of the run.
            transcriber: of the same audio spec.
        """
        super().__init__(name="vaegan")
        self.config, self._heard_frames = config, heard_frames(transcriber.config)
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        self.progress = tf.Variable(0.0, trainable=False, name="progress")
        # From the seed of the run (keras.utils.set_random_seed), and in the checkpoint.
        self.seed = tf.Variable(random.randrange(2**31), dtype=tf.int32, trainable=False, name="seed")
        self.hearing = {domain: self._hearing(transcriber) for domain in ("content", "band")}
        self.encoder = build_encoder(config.encoder, config.spec)
        self.decoder, self.average = self._decoder("decoder"), self._decoder("average")
        self.discriminator = self._discriminator()
        self.translator = build_translator(
            self.hearing["content"], self.average, config.encoder.latent, config.encoder.time_stride
        )
        self.average.set_weights(self.decoder.get_weights())
        self.compile()

    def _hearing(self, transcriber: Transcriber) -> keras.Model:
        hearing = content.build_encoder(transcriber.network, self.config.spec)
        hearing.trainable = False
        return hearing

    def _decoder(self, name: str) -> keras.Model:
        config = self.config
        latent, stride = config.encoder.latent, config.encoder.time_stride
        return build_decoder(config.decoder, latent, stride, config.spec, name)

    def _discriminator(self) -> keras.Model:
        config = self.config.discriminator
        sizes = {"frames": self.config.data.frames, "mels": self.config.spec.n_mels}
        return build_discriminator(
            config.channels, config.depth, config.scales, **sizes, name="discriminator"
        )

    def compile(self) -> None:
        """Makes the three optimizers and builds their state at once, so that a checkpoint finds it."""
        config = self.config.optimizer
        self.encoder_optimizer = self._adam(config.rate, self.encoder, config.decay)
        self.decoder_optimizer = self._adam(config.rate, self.decoder, config.decay)
        self.discriminator_optimizer = self._adam(config.discriminator_rate, self.discriminator, 0.0)
        super().compile(optimizer=self.decoder_optimizer, jit_compile=False)

    def _adam(self, rate: float, network: keras.Model, decay: float) -> keras.optimizers.Optimizer:
        config = self.config.optimizer
        adam = keras.optimizers.AdamW(
            rate, decay, config.beta_1, config.beta_2, global_clipnorm=config.clip_norm
        )
        adam.build(network.trainable_variables)
        return adam

    def set_statistics(self, crops: Mapping[str, np.ndarray]) -> None:
        """Tells the networks how the band is spread, and how loud both domains are.

        Args:
            crops: for "content" and "band", log-mels [clips, frames, n_mels, 1].
        """
        for domain, hearing in self.hearing.items():
            content.set_levels(hearing, crops[domain])
        for network in (self.encoder, self.decoder, self.average):
            network.get_layer("band_statistics").set_statistics(*mel_statistics(crops["band"]))

    def train_step(self, clips: Clips) -> Scalars:
        """One step of each network, unless it has to wait for the others.

        Args:
            clips: unpaired log-mels, "content" and "band", [batch, frames, n_mels, 1] each; perhaps what is
                heard in them, too (see `transcriber.content.of_clips`).

        Returns:
            Every loss by name, unweighted, the gates and the learning rates.
        """
        seeds, rates = of_step(self.seed, self.step, 12), self._follow_schedules()
        contents = self._contents(clips, seeds)
        with tf.GradientTape(persistent=True) as tape:
            mean, log_variance = self.encoder(clips["band"], training=True)
            latent = _drawn(mean, log_variance, next(seeds))
            reconstruction = self.decoder([contents["band"], latent], training=True)
            prior = stateless_random.normal(tf.shape(latent), next(seeds))
            sample = self.decoder([contents[self.config.loss.samples], prior], training=True)
            losses = {"kl": kl_divergence(mean, log_variance)}
            losses |= self._compared(clips["band"], reconstruction, sample)
            objectives = self._objectives(losses)
        gates = self._gates(losses)
        self._descend(tape, objectives, gates)
        self._follow(mean)
        self.step.assign_add(1)
        shown = {f"gates/{name}": tf.cast(gate, tf.float32) for name, gate in gates._asdict().items()}
        losses.pop("decoder/fooled")
        return losses | shown | rates

    def _contents(self, clips: Clips, seeds: Seeds) -> Clips:
        """Perturbed content (note logits and level) of the clips of each domain whose notes are decoded."""
        return {
            domain: content.perturbed(
                content.of_clips(self.hearing[domain], clips, domain), self.config.content, seeds
            )
            for domain in sorted({"band", self.config.loss.samples})
        }

    def _compared(self, clip: tf.Tensor, reconstruction: tf.Tensor, sample: tf.Tensor) -> Scalars:
        """Reconstruction and adversarial losses of clips, reconstructions and samples.

        The discriminator is called on each of the three separately, so that the gradient of a loss passes
        only through the clips that the loss is of.
        """
        real, again, drawn = (self.discriminator(x, training=True) for x in (clip, reconstruction, sample))
        made_logits = [
            tf.concat(scale, axis=0) for scale in zip(logits_of(again), logits_of(drawn), strict=True)
        ]
        return {
            "reconstruction/features": feature_likelihood(features_of(again), features_of(real)),
            "reconstruction/pixels": absolute_error(reconstruction, clip),
            "discriminator/real": cross_entropy(logits_of(real), real=True),
            "discriminator/made": cross_entropy(made_logits, real=False),
            "decoder/fooled": cross_entropy(made_logits, real=True),
        }

    def _objectives(self, losses: Scalars) -> Objectives:
        """Algorithm 1: nobody is trained by a gradient that is not its own."""
        config = self.config.loss
        reconstruction = config.features * losses["reconstruction/features"]
        reconstruction += config.pixels * losses["reconstruction/pixels"]
        gan = config.real * losses["discriminator/real"] + (1 - config.real) * losses["discriminator/made"]
        fooling = losses["decoder/fooled"] if config.adversarial == "non_saturating" else -gan
        return Objectives(
            encoder=reconstruction + config.kl * losses["kl"],
            decoder=config.gamma * reconstruction + (1 - config.gamma) * fooling,
            discriminator=gan,
        )

    def _gates(self, losses: Scalars) -> Gates:
        config = self.config.loss
        real, made = parts.whole([losses["discriminator/real"], losses["discriminator/made"]])
        return equilibrium_gates(real, made, config.equilibrium, config.margin)

    def _descend(self, tape: tf.GradientTape, objectives: Objectives, gates: Gates) -> None:
        """One step of each network; none, and none of its moments, if its gate is closed."""
        for name, objective in objectives._asdict().items():
            variables = getattr(self, name).trainable_variables
            optimizer = getattr(self, f"{name}_optimizer")
            descend(tape.gradient(objective, variables), optimizer, variables, getattr(gates, name, None))

    def _follow(self, mean: tf.Tensor) -> None:
        """The averages, of the decoder and of the band's latents."""
        keep = self.config.optimizer.average
        track_average(self.average, self.decoder, keep, self.step)
        latent = self.translator.get_layer("latent").latent
        track_value(latent, tf.reduce_mean(mean, axis=[0, 1]), keep)

    def _follow_schedules(self) -> Scalars:
        config = self.config.optimizer
        rates = {
            name: schedules.constant_then_linear_decay(self.progress, rate, config.hold)
            for name, rate in (("decoder", config.rate), ("discriminator", config.discriminator_rate))
        }
        self.encoder_optimizer.learning_rate.assign(rates["decoder"])
        self.decoder_optimizer.learning_rate.assign(rates["decoder"])
        self.discriminator_optimizer.learning_rate.assign(rates["discriminator"])
        return {f"rate/{name}": rate for name, rate in rates.items()}

    def coded(self, log_mels: tf.Tensor, domain: str) -> tf.Tensor:
        """Content codes of log-mels: scaled note logits and the level, [batch, frames, CONTENT]."""
        return self.hearing[domain](log_mels)[..., 0]

    @property
    def style_encoder(self) -> keras.Model:
        """Log-mel -> the posterior's means, [batch, positions, latent]."""
        return keras.Model(self.encoder.input, self.encoder.outputs[0], name="style_encoder")

    def preview(self, log_mels: Clips) -> dict[str, tf.Tensor]:
        """Output of the averaged network for fixed content clips."""
        return {"translation": self.translator(log_mels["content"])}

    def translator_card(self) -> TranslatorCard:
        """Card of the translator: family, preset, training steps, context frames and time multiple."""
        config = self.config
        context = context_frames(config.decoder, self._heard_frames)
        return TranslatorCard(
            "vaegan", config.preset, int(self.step.numpy()), context, config.encoder.time_stride
        )


def _drawn(mean: tf.Tensor, log_variance: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """A sample of the posterior that gradients flow through (Kingma and Welling 2014, section 2.4)."""
    return mean + tf.exp(0.5 * log_variance) * stateless_random.normal(tf.shape(mean), seed)
