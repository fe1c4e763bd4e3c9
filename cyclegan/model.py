"""CycleGAN: unpaired translation by two generators and two discriminators.

After Zhu et al. 2017, "Unpaired image-to-image translation using cycle-consistent adversarial networks":
generators content -> band and back, and a discriminator for each domain. Two things are not the paper's. The
identity loss restores a clip of the target from a disguise (see cyclegan/corruption.py), so that it teaches a
generator to make the target's sound where the paper's teaches it to copy. And by default the cycle trains
the second of its two generators only, like back-translation (Lample et al. 2018, "Unsupervised machine
translation using monolingual corpora only"): else the first hides the answer in what it passes on (Chu et al.
2017, "CycleGAN, a master of steganography").
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from cyclegan.config import Config
from cyclegan.corruption import disguise, show
from cyclegan.losses import absolute_error, feature_distance, info_nce, soft_disagreement
from cyclegan.metric_descriptions import CURVES, REMEDIES
from cyclegan.networks import build_patch_encoder
from pipelines.nn import philox, schedules
from pipelines.nn.adversarial import LOSSES
from pipelines.nn.apply_gradients import descend
from pipelines.nn.averaging import track_average
from pipelines.nn.discriminators import build_discriminator, features_of, logits_of
from pipelines.nn.generator import build_generator, context_frames
from pipelines.nn.replay_pool import ReplayPool
from pipelines.nn.seeds import of_step
from pipelines.nn.translator import TranslatorCard
from transcriber.transcriber import Transcriber

Clips = Mapping[str, tf.Tensor]
Scalars = dict[str, tf.Tensor]
Seeds = Iterator[tf.Tensor]

PATCHES = 64
"""Drawn from each clip for PatchNCE."""


class Direction(NamedTuple):
    """One way to translate: from `source` to `target`, each "content" or "band"."""

    source: str
    target: str
    generator: keras.Model
    average: keras.Model
    judge: keras.Model
    pool: ReplayPool


class CycleGAN(keras.Model):
    """Both directions, both optimizers, the averages for inference, and one training step of it all.

    Attributes:
        step: steps taken, int64.
        progress: share of the training that is done; drives the schedules; set by the training loop.
        translator: content -> band by averaged weights, log-mel [batch, frames, n_mels, 1] -> the same shape.
        curves: what each curve should look like, by the names that `train_step` returns.
        remedies: what to do about what the watch finds.
    """

    curves = CURVES
    remedies = REMEDIES

    def __init__(self, config: Config, transcriber: Transcriber | None = None) -> None:
        """Builds everything.

        Args:
            config: of the run.
            transcriber: hears whether the notes stay, of the same audio spec; needed if `loss.content` counts.
        """
        super().__init__(name="cyclegan")
        self.config = config
        # In a tuple, so that no checkpoint or weight list of this model holds what does not learn.
        self._transcriber = (transcriber,) if config.loss.content else ()
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        self.progress = tf.Variable(0.0, trainable=False, name="progress")
        # From the seed of the run (keras.utils.set_random_seed), and in the checkpoint.
        self.seed = tf.Variable(random.randrange(2**31), dtype=tf.int32, trainable=False, name="seed")
        self.generators = {target: self._generator(f"to_{target}") for target in ("band", "content")}
        self.averages = {target: self._generator(f"average_to_{target}") for target in ("band", "content")}
        self.encoders = self._patch_encoders() if config.loss.patch_nce else {}
        self.judges = {target: self._judge(f"{target}_judge") for target in ("band", "content")}
        # Not in a dict: in those a checkpoint finds Keras's own objects only.
        self.band_pool, self.content_pool = self._pool("band_pool"), self._pool("content_pool")
        self.adversarial = LOSSES[config.discriminator.loss]
        self._synchronize()
        self.compile()

    def _generator(self, name: str) -> keras.Model:
        return build_generator(self.config.generator, self.config.spec, name)

    def _patch_encoders(self) -> dict[str, keras.Model]:
        return {target: build_patch_encoder(network) for target, network in self.generators.items()}

    def _judge(self, name: str) -> keras.Model:
        config = self.config.discriminator
        frames, mels = self.config.data.frames, self.config.spec.n_mels
        return build_discriminator(
            config.channels, config.depth, config.scales, frames=frames, mels=mels, name=name
        )

    def _pool(self, name: str) -> ReplayPool:
        clip = (self.config.data.frames, self.config.spec.n_mels, 1)
        return ReplayPool(self.config.discriminator.replay, clip, name)

    def _synchronize(self) -> None:
        for target, average in self.averages.items():
            average.set_weights(self.generators[target].get_weights())

    def compile(self) -> None:
        """Makes both optimizers and builds their state at once, so that a checkpoint finds it."""
        config = self.config.optimizer
        self.generator_optimizer = self._adam(config.generator_rate)
        self.discriminator_optimizer = self._adam(config.discriminator_rate)
        self.generator_optimizer.build(self._generator_variables)
        self.discriminator_optimizer.build(self._judge_variables)
        super().compile(optimizer=self.generator_optimizer, jit_compile=False)

    def _adam(self, rate: float) -> keras.optimizers.Optimizer:
        config = self.config.optimizer
        return keras.optimizers.Adam(rate, config.beta_1, config.beta_2, global_clipnorm=config.clip_norm)

    @property
    def _generator_variables(self) -> list[keras.Variable]:
        # A patch encoder holds its generator's first half, too.
        networks = [*self.generators.values(), *self.encoders.values()]
        found = {id(variable): variable for network in networks for variable in network.trainable_variables}
        return list(found.values())

    @property
    def _judge_variables(self) -> list[keras.Variable]:
        return [variable for network in self.judges.values() for variable in network.trainable_variables]

    @property
    def pools(self) -> dict[str, ReplayPool]:
        """Past translations, by target."""
        return {"band": self.band_pool, "content": self.content_pool}

    @property
    def translator(self) -> keras.Model:
        """Content to band, averaged."""
        return self.averages["band"]

    @property
    def directions(self) -> tuple[Direction, Direction]:
        """Content to band, and back."""
        return self._direction("content", "band"), self._direction("band", "content")

    def _direction(self, source: str, target: str) -> Direction:
        parts = (self.generators, self.averages, self.judges, self.pools)
        return Direction(source, target, *(part[target] for part in parts))

    def set_statistics(self, statistics: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> None:
        """Tells the generators how each domain is spread.

        Args:
            statistics: for "content" and "band", mean and deviation of each mel band, [n_mels] each.
        """
        for way in self.directions:
            way.generator.get_layer("source_statistics").set_statistics(*statistics[way.source])
            way.generator.get_layer("target_statistics").set_statistics(*statistics[way.target])
        self._synchronize()

    def train_step(self, clips: Clips) -> Scalars:
        """One step of both generators, then one of both discriminators.

        Args:
            clips: unpaired log-mels, "content" and "band", [batch, frames, n_mels, 1] each.

        Returns:
            Every loss by name, unweighted, the learning rates and the identity's weight.
        """
        seeds = of_step(self.seed, self.step, 12)
        schedule = self._follow_schedules()
        with tf.GradientTape() as tape:
            fakes, losses = self._translate(clips, seeds)
            losses |= self._cycle(clips, fakes, seeds) | self._patches(clips, fakes, seeds)
            losses |= self._content(clips, fakes)
            objective = self._weighted(losses, schedule)
        variables = self._generator_variables
        descend(tape.gradient(objective, variables), self.generator_optimizer, variables)
        with tf.GradientTape() as tape:
            judged = self._judge_clips(clips, fakes, seeds)
            objective = tf.add_n(list(judged.values()))
        variables = self._judge_variables
        descend(tape.gradient(objective, variables), self.discriminator_optimizer, variables)
        for way in self.directions:
            track_average(way.average, way.generator, self.config.optimizer.average, self.step)
        self.step.assign_add(1)
        return losses | judged | schedule

    def _translate(self, clips: Clips, seeds: Seeds) -> tuple[Clips, Scalars]:
        """Translations by target; how little they fool the judges; how badly disguises were undone."""
        fakes, losses = {}, {}
        for way in self.directions:
            clip = clips[way.target]
            disguised = disguise(clip, clips[way.source], self.config.disguise, next(seeds))
            both = way.generator(tf.concat([clips[way.source], disguised], axis=0), training=True)
            fakes[way.target], restored = tf.split(both, 2)
            shown = show(fakes[way.target], self.config.augment, next(seeds))
            losses[f"adversarial/{way.target}"] = self.adversarial.generator(logits_of(way.judge(shown)))
            losses[f"identity/{way.target}"] = absolute_error(restored, clip)
        return fakes, losses

    def _cycle(self, clips: Clips, fakes: Clips, seeds: Seeds) -> Scalars:
        """Cycle losses: distance of the clips translated there and back from `clips`.

        Measured in log-mels and, unless `loss.feature_cycle` is 0, in the discriminators' features.
        """
        losses, config = {}, self.config.loss
        for way in self.directions:
            fake = fakes[way.source] if config.cycle_gradient else tf.stop_gradient(fakes[way.source])
            back = way.generator(disguise(fake, None, self.config.disguise, next(seeds)), training=True)
            losses[f"cycle/{way.target}"] = absolute_error(back, clips[way.target])
            if config.feature_cycle:
                features = [features_of(way.judge(x)) for x in (back, clips[way.target])]
                losses[f"feature_cycle/{way.target}"] = feature_distance(*features)
        return losses

    def _patches(self, clips: Clips, fakes: Clips, seeds: Seeds) -> Scalars:
        """PatchNCE losses of translations' patches against their sources'; empty if `loss.patch_nce` is 0."""
        losses = {}
        for way in self.directions if self.encoders else ():
            encode = self.encoders[way.target]
            queries, keys = encode(fakes[way.target]), encode(clips[way.source])
            seed = next(seeds)
            terms = [info_nce(*_drawn(a, b, seed)) for a, b in zip(queries, keys, strict=True)]
            losses[f"patch_nce/{way.target}"] = tf.add_n(terms) / len(terms)
        return losses

    def _content(self, clips: Clips, fakes: Clips) -> Scalars:
        """Content losses: dissimilarity of the note posteriors of translations and of their sources.

        Empty if `loss.content` is 0.
        """
        losses = {}
        for transcriber, way in itertools.product(self._transcriber, self.directions):
            source, fake = (transcriber.probabilities(x) for x in (clips[way.source], fakes[way.target]))
            losses[f"content/{way.target}"] = soft_disagreement(tf.stop_gradient(source), fake)
        return losses

    def _judge_clips(self, clips: Clips, fakes: Clips, seeds: Seeds) -> Scalars:
        """Discriminator losses on the target's clips and on translations, which include past ones."""
        losses = {}
        for way in self.directions:
            past = way.pool.exchange(tf.stop_gradient(fakes[way.target]), next(seeds))
            seed = next(seeds)  # One for both, so that what is done to the clips tells nothing.
            real, fake = (way.judge(show(x, self.config.augment, seed)) for x in (clips[way.target], past))
            loss = self.adversarial.discriminator(logits_of(real), logits_of(fake))
            losses[f"discriminator/{way.target}"] = loss
        return losses

    def _weighted(self, losses: Scalars, schedule: Scalars) -> tf.Tensor:
        config = self.config.loss
        weights = {
            "adversarial": config.adversarial,
            "cycle": config.cycle,
            "feature_cycle": config.feature_cycle,
            "patch_nce": config.patch_nce,
            "content": config.content,
            "identity": schedule["rate/identity_weight"],
        }
        return tf.add_n([weights[name.split("/")[0]] * loss for name, loss in losses.items()])

    def _follow_schedules(self) -> Scalars:
        """Sets both learning rates; returns them and the identity's weight."""
        config, loss = self.config.optimizer, self.config.loss
        values = {
            "rate/generator": schedules.constant_then_linear_decay(
                self.progress, config.generator_rate, config.hold
            ),
            "rate/discriminator": schedules.constant_then_linear_decay(
                self.progress, config.discriminator_rate, config.hold
            ),
            "rate/identity_weight": schedules.linear(
                self.progress, loss.identity, loss.identity_final, loss.identity_begin, loss.identity_end
            ),
        }
        self.generator_optimizer.learning_rate.assign(values["rate/generator"])
        self.discriminator_optimizer.learning_rate.assign(values["rate/discriminator"])
        return values

    def preview(self, log_mels: Clips) -> dict[str, tf.Tensor]:
        """Outputs of the averaged networks for fixed content clips: their translation, and its cycle back."""
        translation = self.averages["band"](log_mels["content"])
        return {"translation": translation, "cycle": self.averages["content"](translation)}

    def translator_card(self) -> TranslatorCard:
        """Card of the translator: family, preset, training steps, context frames and time multiple."""
        config = self.config.generator
        return TranslatorCard(
            "cyclegan", self.config.preset, int(self.step.numpy()), context_frames(config), config.time_stride
        )


def _drawn(a: tf.Tensor, b: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The same random patches of both, [batch, PATCHES, width]."""
    places = philox.integers([PATCHES], seed, 0, tf.shape(a)[1])
    return tf.gather(a, places, axis=1), tf.gather(b, places, axis=1)
