"""CycleGAN train step in PyTorch, see `cyclegan.model.CycleGAN.train_step`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cyclegan.config import CorruptionConfig, DiffAugmentConfig
from tools.benchmarks.pytorch import diff_augment
from tools.benchmarks.pytorch.blocks import MultiScaleDiscriminator
from tools.benchmarks.pytorch.generator import Generator
from tools.benchmarks.pytorch.losses import discriminator_loss, generator_loss, logits_of, r1_penalty
from tools.benchmarks.pytorch.optimization import Optimizer, WeightAverage
from tools.benchmarks.pytorch.source_view import contrast_loss, rise_loss
from tools.benchmarks.pytorch.weights import load

DOMAINS = ("band", "content")


def step(model: Any, batch: Mapping[str, np.ndarray]) -> Callable[[], float] | None:
    """Train step: an update of both generators, then one of both discriminators.

    Args:
        model: `cyclegan.model.CycleGAN`.
        batch: log-mels "content" and "band", [batch, frames, n_mels, 1].

    Returns:
        None if the content loss is on, whose weight is 0 in every preset.
    """
    loss = model.config.loss
    if loss.content:
        return None
    clips = {name: torch.from_numpy(batch[name][:, None, :, :, 0]).contiguous() for name in DOMAINS}
    reference = CycleGAN(model)
    return lambda: reference.step(clips)


class CycleGAN:
    """Networks and optimizers with the Keras model's weights and settings."""

    def __init__(self, model: Any) -> None:
        self.config = config = model.config
        mels = config.spec.n_mels
        self.generators = {
            name: load(Generator(config.generator, mels), model.generators[name]) for name in DOMAINS
        }
        self.discriminators = {
            name: load(MultiScaleDiscriminator(config.discriminator, mels), model.discriminators[name])
            for name in DOMAINS
        }
        self.averages = [
            WeightAverage(each, config.optimizer.ema_momentum) for each in self.generators.values()
        ]
        self.steps = int(model.step)
        self.pools = {name: ReplayPool(config.discriminator.replay) for name in DOMAINS}
        self.generator_optimizer = Optimizer(model.optimizers["generator"], *self.generators.values())
        self.discriminator_optimizer = Optimizer(
            model.optimizers["discriminator"], *self.discriminators.values()
        )

    def step(self, clips: Mapping[str, Tensor]) -> float:
        """One train step; returns the generators' loss."""
        fakes, loss = self._translation_loss(clips)
        loss = loss + self._cycle_loss(clips, fakes) + self._kept_loss(clips, fakes)
        self.generator_optimizer.minimize(loss)
        penalty = self.config.loss.penalty * self._penalty(clips)
        self.discriminator_optimizer.minimize(self._discriminator_loss(clips, fakes) + penalty)
        for average in self.averages:
            average.update()
        self.steps += 1
        return loss.item()

    def _translation_loss(self, clips: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], Tensor]:
        fakes, total, weights = {}, torch.zeros(()), self.config.loss
        for target, source in (DOMAINS, DOMAINS[::-1]):
            corrupted = corrupt(clips[target], clips[source], self.config.corruption)
            fake, restored = self.generators[target](torch.cat([clips[source], corrupted])).chunk(2)
            logits = logits_of(self.discriminators[target](augment(fake, self.config.diff_augment)))
            total = total + weights.adversarial * generator_loss(self.config.discriminator.loss, logits)
            total = total + weights.identity * functional.l1_loss(restored, clips[target])
            fakes[target] = fake
        return fakes, total

    def _cycle_loss(self, clips: Mapping[str, Tensor], fakes: Mapping[str, Tensor]) -> Tensor:
        total = torch.zeros(())
        for target, source in (DOMAINS, DOMAINS[::-1]):
            fake = fakes[source] if self.config.loss.cycle_gradient else fakes[source].detach()
            cycled = self.generators[target](corrupt(fake, None, self.config.corruption))
            total = total + self.config.loss.cycle * functional.l1_loss(cycled, clips[target])
        return total

    def _kept_loss(self, clips: Mapping[str, Tensor], fakes: Mapping[str, Tensor]) -> Tensor:
        total, weights = torch.zeros(()), self.config.loss
        if not (weights.contrast or weights.rises):
            return total
        for target, source in (DOMAINS, DOMAINS[::-1]):
            pair = fakes[target][:, 0], clips[source][:, 0]
            total = total + weights.contrast * contrast_loss(*pair) + weights.rises * rise_loss(*pair)
        return total

    def _penalty(self, clips: Mapping[str, Tensor]) -> Tensor:
        """Gradient penalties of every `penalty_every`-th step; 0 in the others."""
        config = self.config.loss
        if not config.penalty or self.steps % config.penalty_every:
            return torch.zeros(())
        penalties = (
            r1_penalty(
                functools.partial(self._logits, name),
                clips[name],
                self.generators[name].target_statistics.deviation,
            )
            for name in DOMAINS
        )
        return torch.stack(list(penalties)).sum()

    def _logits(self, name: str, clip: Tensor) -> list[Tensor]:
        return logits_of(self.discriminators[name](clip))

    def _discriminator_loss(self, clips: Mapping[str, Tensor], fakes: Mapping[str, Tensor]) -> Tensor:
        total = torch.zeros(())
        for name in DOMAINS:
            past = self.pools[name].exchange(fakes[name].detach())
            # One draw for both: the augmentation must not distinguish real from fake clips.
            real, fake = augment(torch.cat([clips[name], past], 1), self.config.diff_augment).chunk(2, 1)
            logits = (logits_of(self.discriminators[name](clip)) for clip in (real, fake))
            total = total + discriminator_loss(self.config.discriminator.loss, *logits)
        return total


class ReplayPool:
    """Pool of past fakes, see `pipelines.nn.replay_pool.ReplayPool`, for batches no larger than the pool."""

    def __init__(self, size: int) -> None:
        """Creates an empty pool of `size` clips."""
        self._size, self._clips = size, torch.zeros(0)

    def exchange(self, fresh: Tensor) -> Tensor:
        """Adds fresh clips; once the pool is full, returns past clips in place of half of them."""
        if not self._size:
            return fresh
        if len(self._clips) < self._size:
            self._clips = torch.cat([self._clips.reshape(-1, *fresh.shape[1:]), fresh])[-self._size :]
            return fresh
        places = torch.randperm(self._size)[: len(fresh)]
        swapped = torch.rand(len(fresh)) < 0.5
        old = self._clips[places]
        self._clips[places[swapped]] = fresh[swapped]
        return torch.where(swapped[:, None, None, None], old, fresh)


def corrupt(clip: Tensor, other: Tensor | None, config: CorruptionConfig) -> Tensor:
    """Random timbre corruption, see `cyclegan.corruption.corrupt`."""
    if other is not None:
        with_envelope = diff_augment.transfer_envelope(clip, other, config.envelope_width)
        clip = diff_augment.choose(
            diff_augment.transfer_statistics(clip, other), with_envelope, config.envelope
        )
    clip = diff_augment.gain(diff_augment.low_pass(clip, config.low_pass), config.gain)
    clip = diff_augment.equalize(clip, config.equalizer, config.knots)
    return diff_augment.noise(clip, config.noise).clamp_min(-1.0)


def augment(clip: Tensor, config: DiffAugmentConfig) -> Tensor:
    """Augmentation of the discriminators' inputs, see `cyclegan.corruption.augmented`."""
    clip = diff_augment.time_shift(diff_augment.gain(clip, config.gain), config.shift)
    return diff_augment.cut_out(clip, config.cut)
