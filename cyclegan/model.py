"""CycleGAN: unpaired translation by two generators and two discriminators.

After Zhu et al. 2017, "Unpaired image-to-image translation using cycle-consistent adversarial networks":
generators content -> band and back, and a discriminator for each domain. Two things differ from the paper.
The identity loss restores a corrupted clip of the target domain (see cyclegan/corruption.py), so that it
trains a generator to produce the target's sound, where the paper's trains it to copy; what the cycle loss
translates back is corrupted, too. And by default the cycle loss trains the second of its two generators only,
like back-translation (Lample et al. 2018, "Unsupervised machine translation using monolingual corpora only"):
otherwise the first hides the answer in its output (Chu et al. 2017, "CycleGAN, a master of steganography").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from cyclegan.config import PRESETS, Config
from cyclegan.corruption import augmented, corrupt
from cyclegan.losses import METRIC_DESCRIPTIONS, REMEDIES, absolute_error, soft_disagreement
from cyclegan.networks import build_discriminator, build_generator, frame_geometry
from pipelines import configuration
from pipelines.data.corpus import Corpus
from pipelines.data.statistics import mel_statistics, training_crops
from pipelines.nn.adversarial import LOSSES, lazy_r1_penalty
from pipelines.nn.blocks import register
from pipelines.nn.discriminators import logits_of
from pipelines.nn.model import Batch, Scalars, TranslationModel
from pipelines.nn.replay_pool import ReplayPool
from pipelines.nn.source_distances import contrast_loss, rise_loss
from transcriber import checkpoint as transcribers
from transcriber.loaders import transcriber_of
from transcriber.transcriber import Transcriber

Seeds = Iterator[tf.Tensor]
Losses = dict[str, Scalars]
"""Losses by name and by target domain."""


class Direction(NamedTuple):
    """One direction of translation: from `source` to `target`, each "content" or "band"."""

    source: str
    target: str
    generator: keras.Model
    discriminator: keras.Model
    pool: ReplayPool


@register
class CycleGAN(TranslationModel):
    """Both generators, both discriminators, and the training step of Zhu et al. 2017.

    Optimizers: "generator" and "discriminator".

    Attributes:
        translator: the generator content -> band, log-mel [batch, frames, n_mels, 1] -> the same shape.
    """

    family = "cyclegan"
    config_class = Config
    presets = PRESETS
    metric_descriptions = METRIC_DESCRIPTIONS
    remedies = REMEDIES

    def __init__(self, config: Config, transcriber: Transcriber | None = None, **kwargs: Any) -> None:
        """Builds all networks.

        Args:
            config: of the run.
            transcriber: of the same audio spec, for the content loss; needed if `loss.content` is not 0.
            kwargs: of `keras.Model`.

        Raises:
            ValueError: if it is needed and missing.
        """
        super().__init__(config, **{"name": "cyclegan", **kwargs})
        if config.loss.content and transcriber is None:
            raise ValueError("loss.content needs a transcriber")
        # In a tuple, so that the weights of this model do not include the frozen transcriber's.
        self._transcriber = (transcriber,)
        self.generators = {target: build_generator(config, f"to_{target}") for target in ("band", "content")}
        self.discriminators = {
            target: build_discriminator(config, f"{target}_discriminator") for target in ("band", "content")
        }
        clip = (config.data.frames, config.spec.n_mels, 1)
        self.pools = {
            target: ReplayPool(config.discriminator.replay, clip, name=f"{target}_pool")
            for target in ("band", "content")
        }
        self.adversarial = LOSSES[config.discriminator.loss]

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> CycleGAN:
        """Model of a configuration, with the shipped transcriber if a loss needs it; its weights are new."""
        of_run = configuration.from_dict(Config, config["config"])
        return cls(of_run, transcribers.load() if of_run.loss.content else None)

    @classmethod
    def from_data(cls, config: Config, data: Corpus) -> CycleGAN:
        """Model whose generators have the statistics of a data folder's domains."""
        model = cls(config, transcriber_of(data) if config.loss.content else None)
        statistics = {domain: mel_statistics(clips) for domain, clips in training_crops(data).items()}
        for way in model.directions:
            way.generator.get_layer("source_statistics").set_statistics(*statistics[way.source])
            way.generator.get_layer("target_statistics").set_statistics(*statistics[way.target])
        return model

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables of both generators and of both discriminators."""
        return {
            "generator": [v for network in self.generators.values() for v in network.trainable_variables],
            "discriminator": [
                v for network in self.discriminators.values() for v in network.trainable_variables
            ],
        }

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """Adam twice, with averaged weights of the generators."""
        config = self.config.optimizer
        return {
            "generator": config.optimizer(self.schedule(config.learning_rate), **config.averaged()),
            "discriminator": config.discriminator_optimizer(
                self.schedule(config.discriminator_learning_rate)
            ),
        }

    @property
    def translator(self) -> keras.Model:
        """Generator content -> band."""
        return self.generators["band"]

    @property
    def directions(self) -> tuple[Direction, Direction]:
        """Content to band, and back."""
        return self._direction("content", "band"), self._direction("band", "content")

    def _direction(self, source: str, target: str) -> Direction:
        networks = (self.generators, self.discriminators, self.pools)
        return Direction(source, target, *(each[target] for each in networks))

    def train_step(self, clips: Batch) -> Scalars:
        """Updates both generators, then both discriminators.

        Args:
            clips: unpaired log-mels, "content" and "band", [batch, frames, n_mels, 1] each.

        Returns:
            Every loss by name, unweighted, and the learning rates.
        """
        seeds = self.seeds(12)
        with tf.GradientTape() as tape:
            translations, losses = self._translate(clips, seeds)
            losses |= self._cycle(clips, translations, seeds) | self._content(clips, translations)
            losses |= self._kept(clips, translations)
            objective = tf.add_n(
                [getattr(self.config.loss, name) * _sum(each) for name, each in losses.items()]
            )
        self.update("generator", objective, tape)
        with tf.GradientTape() as tape:
            losses["discriminator"] = self._discriminate(clips, translations, seeds)
            objective = _sum(losses["discriminator"])
            if self.config.loss.penalty:
                losses["penalty"] = self._penalties(clips)
                objective += self.config.loss.penalty * _sum(losses["penalty"])
        self.update("discriminator", objective, tape)
        flat = {f"{name}/{domain}": loss for name, each in losses.items() for domain, loss in each.items()}
        return flat | self.end_step()

    def _translate(self, clips: Batch, seeds: Seeds) -> tuple[Batch, Losses]:
        """Translations by target domain; adversarial and identity losses."""
        translations: dict[str, tf.Tensor] = {}
        losses: Losses = {"adversarial": {}, "identity": {}}
        for way in self.directions:
            clip = clips[way.target]
            corrupted = corrupt(clip, clips[way.source], self.config.corruption, next(seeds))
            both = way.generator(tf.concat([clips[way.source], corrupted], axis=0), training=True)
            translations[way.target], restored = tf.split(both, 2)
            seen = augmented(translations[way.target], self.config.diff_augment, next(seeds))
            logits = logits_of(self._judged(way, seen))
            losses["adversarial"][way.target] = self.adversarial.generator(logits)
            losses["identity"][way.target] = absolute_error(restored, clip)
        return translations, losses

    def _cycle(self, clips: Batch, translations: Batch, seeds: Seeds) -> Losses:
        """Cycle losses: distance of the clips translated there and back from the clips."""
        losses: Scalars = {}
        config = self.config
        for way in self.directions:
            there = translations[way.source]
            there = there if config.loss.cycle_gradient else tf.stop_gradient(there)
            back = way.generator(corrupt(there, None, config.corruption, next(seeds)), training=True)
            losses[way.target] = absolute_error(back, clips[way.target])
        return {"cycle": losses}

    def _content(self, clips: Batch, translations: Batch) -> Losses:
        """Distances of the note posteriors of translations and sources; empty without that loss."""
        transcriber = self._transcriber[0]
        if not self.config.loss.content:
            return {}
        assert transcriber is not None
        losses = {}
        for way in self.directions:
            source, translation = (
                transcriber.probabilities(x) for x in (clips[way.source], translations[way.target])
            )
            losses[way.target] = soft_disagreement(tf.stop_gradient(source), translation)
        return {"content": losses}

    def _kept(self, clips: Batch, translations: Batch) -> Losses:
        """Distances of translations to their sources in what is not timbre; those that have a weight."""
        pairs = {way.target: (translations[way.target], clips[way.source]) for way in self.directions}
        return {
            name: {target: loss(*pair) for target, pair in pairs.items()}
            for name, loss in (("contrast", contrast_loss), ("rises", rise_loss))
            if getattr(self.config.loss, name)
        }

    def _penalties(self, clips: Batch) -> Scalars:
        """Gradient penalty per deviation of the domain, in every `penalty_every`-th step; 0 in the others."""

        def penalty(way: Direction) -> tf.Tensor:
            deviation = way.generator.get_layer("target_statistics").deviation
            every = self.config.loss.penalty_every
            return lazy_r1_penalty(
                lambda x: logits_of(self._judged(way, x)), clips[way.target], deviation, self.step, every
            )

        return {way.target: penalty(way) for way in self.directions}

    def _discriminate(self, clips: Batch, translations: Batch, seeds: Seeds) -> Scalars:
        """Discriminator losses on the target's clips and on translations, some of them past ones."""
        losses = {}
        for way in self.directions:
            past = way.pool(tf.stop_gradient(translations[way.target]), next(seeds))
            seed = next(seeds)  # One for both, so that the augmentation does not tell them apart.
            real, generated = (
                self._judged(way, augmented(x, self.config.diff_augment, seed))
                for x in (clips[way.target], past)
            )
            losses[way.target] = self.adversarial.discriminator(logits_of(real), logits_of(generated))
        return losses

    def _judged(self, way: Direction, clips: tf.Tensor) -> Any:
        """Outputs of the target's discriminator for log-mels, in the units that it sees."""
        if self.config.discriminator.units == "deviations":
            statistics = way.generator.get_layer("target_statistics")
            clips = (clips - statistics.mean) / statistics.deviation
        return way.discriminator(clips)

    def preview(self, log_mels: Batch) -> dict[str, tf.Tensor]:
        """Translations of fixed content clips, and their cycles back; see `TranslationModel.preview`."""
        translation = self.generators["band"](log_mels["content"])
        return {"translation": translation, "cycle": self.generators["content"](translation)}

    @property
    def frame_geometry(self) -> tuple[int, int]:
        """See `TranslationModel.frame_geometry`."""
        return frame_geometry(self.config)


def _sum(losses: Scalars) -> tf.Tensor:
    """Sum over the domains."""
    return tf.add_n(list(losses.values()))
