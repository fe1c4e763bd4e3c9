"""Content and style apart: what is played and how it sounds, each by an encoder of its own, and one decoder.

The mission's option B. As in one-shot voice conversion (Chou et al. 2019, "One-shot voice conversion by
separately representing speaker and content representations with instance normalization"), a clip is decoded
from its own notes and a style, here by FiLM; the style is of another stretch of the recording, so that it
cannot hold the notes. A discriminator and the style encoder itself judge translations. And some clips' notes
are those heard in a translation of them to another style: back-translation (Lample et al. 2018), by which the
decoder learns to play what the transcriber will hear in songs of others.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping

import keras
import numpy as np
import tensorflow as tf

from pipelines.data.schema import DOMAINS
from pipelines.data.statistics import mel_statistics
from pipelines.nn import schedules, stateless_random
from pipelines.nn.apply_gradients import descend
from pipelines.nn.averaging import track_average, track_value
from pipelines.nn.discriminators import build_discriminator, logits_of
from pipelines.nn.seeds import of_step
from pipelines.nn.translator import TranslatorCard
from transcriber.networks import context_frames as heard_frames
from transcriber.transcriber import Transcriber
from vaegan.disentangled import codes, networks
from vaegan.disentangled.config import Config
from vaegan.disentangled.metric_descriptions import CURVES, REMEDIES
from vaegan.losses import absolute_error, cross_entropy
from vaegan.networks import build_translator

Clips = Mapping[str, tf.Tensor]
Scalars = dict[str, tf.Tensor]
Seeds = Iterator[tf.Tensor]


class Disentangled(keras.Model):
    """A frozen transcriber, encoders, decoder, discriminator, two optimizers, and one training step.

    Attributes:
        step: steps taken, int64.
        progress: share of the training that is done; drives the schedules; set by the training loop.
        style_encoder: log-mel -> styles of its positions.
        translator: log-mel [batch, frames, n_mels, 1] -> the same shape, by averaged weights, with the band's
            style.
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
        super().__init__(name="disentangled")
        self.config, self._heard_frames = config, heard_frames(transcriber.config)
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        self.progress = tf.Variable(0.0, trainable=False, name="progress")
        # From the seed of the run (keras.utils.set_random_seed), and in the checkpoint.
        self.seed = tf.Variable(random.randrange(2**31), dtype=tf.int32, trainable=False, name="seed")
        self.codes = codes.build(config, transcriber)
        self.encoders = dict(self.codes.encoders)
        self.style_encoder = networks.build_style_encoder(config.style, config.spec)
        self.decoder, self.average = self._decoder("decoder"), self._decoder("average")
        self.discriminator = self._discriminator()
        self.probe = networks.build_probe(self.encoders["band"].output_shape[-1])
        self.translator = build_translator(
            self.encoders["content"], self.average, config.style.size, config.decoder.time_stride
        )
        self.average.set_weights(self.decoder.get_weights())
        self.compile()

    def _decoder(self, name: str) -> keras.Model:
        config, width = self.config, self.encoders["band"].output_shape[-1]
        return networks.build_decoder(config.decoder, width, config.style.size, config.spec, name)

    def _discriminator(self) -> keras.Model:
        config = self.config.discriminator
        sizes = {"frames": self.config.data.frames // 2, "mels": self.config.spec.n_mels}
        return build_discriminator(
            config.channels, config.depth, config.scales, **sizes, name="discriminator"
        )

    def compile(self) -> None:
        """Makes both optimizers and builds their state at once, so that a checkpoint finds it."""
        config = self.config.optimizer
        clipped = {"beta_2": config.beta_2, "global_clipnorm": config.clip_norm}
        self.generator_optimizer = keras.optimizers.AdamW(config.rate, weight_decay=config.decay, **clipped)
        self.judge_optimizer = keras.optimizers.Adam(
            config.discriminator_rate, config.discriminator_beta_1, **clipped
        )
        self.generator_optimizer.build(self._generator_variables)
        self.judge_optimizer.build(self._judge_variables)
        super().compile(optimizer=self.generator_optimizer, jit_compile=False)

    @property
    def _generator_variables(self) -> list[keras.Variable]:
        return [
            *self.style_encoder.trainable_variables,
            *self.decoder.trainable_variables,
            *self.codes.learnt,
        ]

    @property
    def _judge_variables(self) -> list[keras.Variable]:
        return [*self.discriminator.trainable_variables, *self.probe.trainable_variables]

    def set_statistics(self, crops: Mapping[str, np.ndarray]) -> None:
        """Tells the networks how the domains are spread.

        Args:
            crops: for "content" and "band", log-mels [clips, frames, n_mels, 1].
        """
        self.codes.set_statistics(crops)
        both = mel_statistics(np.concatenate([crops[domain] for domain in DOMAINS]))
        for network in (self.style_encoder, self.decoder, self.average):
            network.get_layer("statistics").set_statistics(*both)

    def train_step(self, clips: Clips) -> Scalars:
        """One step of what makes clips, then one of what judges them.

        Args:
            clips: unpaired log-mels, "content" and "band", [batch, frames, n_mels, 1] each; perhaps what is
                heard in them, too (see `transcriber.content.of_clips`).

        Returns:
            Every loss by name, unweighted, and the learning rates.
        """
        clips, seeds, rates = _halves(clips), of_step(self.seed, self.step, 32), self._follow_schedules()
        reheard = self._reheard(clips, seeds)
        with tf.GradientTape() as tape:
            styles = {domain: _of_other_half(self._styles(clips[domain])) for domain in DOMAINS}
            played = self._played(clips, reheard, seeds)
            band, song, translation = self._decoded(played, styles, seeds)
            asked = tf.stop_gradient(styles["band"])
            losses = {
                "reconstruction/band": absolute_error(band, clips["band"]),
                "reconstruction/content": absolute_error(song, clips["content"]),
                "style": absolute_error(self._styles(translation), asked),
                "decoder/fooled": cross_entropy(logits_of(self.discriminator(translation)), real=True),
                "codes/told": self._told(played),
            }
            objective = self._weighted(losses)
        variables = self._generator_variables
        descend(tape.gradient(objective, variables), self.generator_optimizer, variables)
        with tf.GradientTape() as tape:
            judged = self._judged(clips["band"], tf.stop_gradient(translation))
            told = self._told({domain: tf.stop_gradient(each) for domain, each in played.items()})
            objective = tf.add_n([*judged.values(), told])
        variables = self._judge_variables
        descend(tape.gradient(objective, variables), self.judge_optimizer, variables)
        self._follow(styles["band"])
        self.step.assign_add(1)
        return losses | judged | rates

    def _styles(self, clips: tf.Tensor) -> tf.Tensor:
        """One style of each clip, [batch, size]."""
        return tf.reduce_mean(self.style_encoder(clips, training=True), axis=1)

    def _reheard(self, clips: Clips, seeds: Seeds) -> tf.Tensor | None:
        """Codes of some band clips, as they are heard when played in content songs' styles."""
        if not (count := round(self.config.loss.reheard * clips["band"].shape[0])):
            return None
        some = {name: each[:count] for name, each in clips.items()}
        played = self.codes(some, "band", seeds)
        made = self.average([played, _along(self._styles(some["content"]), played)])
        return self.codes({"content": tf.maximum(made, -1.0)}, "content", seeds)

    def _played(self, clips: Clips, reheard: tf.Tensor | None, seeds: Seeds) -> dict[str, tf.Tensor]:
        """The codes of each domain's clips; of the first band clips, those heard in a translation."""
        played = {domain: self.codes(clips, domain, seeds) for domain in DOMAINS}
        if reheard is not None:
            others = played["band"][reheard.shape[0] :]
            played["band"] = tf.concat([tf.stop_gradient(reheard), others], axis=0)
        return played

    def _decoded(self, played: Clips, styles: Clips, seeds: Seeds) -> list[tf.Tensor]:
        """The band's clips and the content songs' again, and content songs' notes in the band's style."""
        wanted = tf.concat([styles["band"], styles["content"], tf.stop_gradient(styles["band"])], axis=0)
        wanted += self.config.style.noise * stateless_random.normal(tf.shape(wanted), next(seeds))
        notes = tf.concat([played["band"], played["content"], played["content"]], axis=0)
        return tf.split(self.decoder([notes, _along(wanted, notes)], training=True), 3)

    def _told(self, played: Clips) -> tf.Tensor:
        """Cross entropy of the domain probe on the codes, nats; log(2) at chance."""
        band, song = (self.probe(played[domain], training=True) for domain in ("band", "content"))
        return 0.5 * (cross_entropy([band], real=True) + cross_entropy([song], real=False))

    def _weighted(self, losses: Scalars) -> tf.Tensor:
        config = self.config.loss
        objective = config.reconstruction * (losses["reconstruction/band"] + losses["reconstruction/content"])
        objective += config.adversarial * losses["decoder/fooled"] + config.style * losses["style"]
        # A probe that does worse than chance has nothing more to teach.
        return objective - config.confusion * tf.minimum(losses["codes/told"], math.log(2))

    def _judged(self, real: tf.Tensor, made: tf.Tensor) -> Scalars:
        """The discriminator's losses; both at once."""
        logits = logits_of(self.discriminator(tf.concat([real, made], axis=0), training=True))
        halves = [tf.split(scale, 2) for scale in logits]
        return {
            "discriminator/real": cross_entropy([half[0] for half in halves], real=True),
            "discriminator/made": cross_entropy([half[1] for half in halves], real=False),
        }

    def _follow(self, styles: tf.Tensor) -> None:
        """The averages, of the decoder and of the band's styles."""
        keep = self.config.optimizer.average
        track_average(self.average, self.decoder, keep, self.step)
        latent = self.translator.get_layer("latent").latent
        track_value(latent, tf.reduce_mean(styles, axis=0), keep)

    def _follow_schedules(self) -> Scalars:
        config = self.config.optimizer
        rates = {
            name: schedules.constant_then_linear_decay(self.progress, rate, config.hold)
            for name, rate in (("decoder", config.rate), ("discriminator", config.discriminator_rate))
        }
        self.generator_optimizer.learning_rate.assign(rates["decoder"])
        self.judge_optimizer.learning_rate.assign(rates["discriminator"])
        return {f"rate/{name}": rate for name, rate in rates.items()}

    def coded(self, log_mels: tf.Tensor, domain: str) -> tf.Tensor:
        """The codes, [batch, positions, numbers], of clips of a domain."""
        return self.encoders[domain](log_mels)

    def preview(self, log_mels: Clips) -> dict[str, tf.Tensor]:
        """Output of the averaged network for fixed content clips."""
        return {"translation": self.translator(log_mels["content"])}

    def translator_card(self) -> TranslatorCard:
        """Card of the translator: family, preset, training steps, context frames and time multiple."""
        config = self.config
        context = networks.context_frames(config.decoder, config.codes, self._heard_frames)
        return TranslatorCard(
            "disentangled", config.preset, int(self.step.numpy()), context, config.style.time_stride
        )


def _halves(clips: Clips) -> Clips:
    """First halves, then second halves: [batch, frames, ...] -> [2 batch, frames / 2, ...]."""
    return {name: tf.concat(tf.split(each, 2, axis=1), axis=0) for name, each in clips.items()}


def _of_other_half(styles: tf.Tensor) -> tf.Tensor:
    """Gives each half, in the order of `_halves`, the other one's."""
    return tf.concat(tf.split(styles, 2)[::-1], axis=0)


def _along(styles: tf.Tensor, played: tf.Tensor) -> tf.Tensor:
    """[batch, size] at every position of the codes, [batch, positions, size]."""
    return tf.repeat(styles[:, None], tf.shape(played)[1], axis=1)
