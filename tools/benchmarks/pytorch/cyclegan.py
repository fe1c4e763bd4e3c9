"""The CycleGAN's train step in PyTorch, see `cyclegan.model.CycleGAN.train_step`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from cyclegan.config import CorruptionConfig, DiffAugmentConfig
from tools.benchmarks.pytorch import diff_augment
from tools.benchmarks.pytorch.blocks import Judge
from tools.benchmarks.pytorch.generator import Generator
from tools.benchmarks.pytorch.learning import Average, Descent
from tools.benchmarks.pytorch.losses import fooling, logits_of, telling
from tools.benchmarks.pytorch.weights import load

DOMAINS = ("band", "content")


def step(model: Any, batch: Mapping[str, np.ndarray]) -> Callable[[], float] | None:
    """One step of both generators, then one of both discriminators.

    Args:
        model: `cyclegan.model.CycleGAN`.
        batch: log-mels "content" and "band", [batch, frames, n_mels, 1].

    Returns:
        None if the content loss is on, which no preset has.
    """
    loss = model.config.loss
    if loss.content:
        return None
    clips = {name: torch.from_numpy(batch[name][:, None, :, :, 0]).contiguous() for name in DOMAINS}
    reference = CycleGAN(model)
    return lambda: reference.step(clips)


class CycleGAN:
    """All that learns, with the Keras model's weights and settings."""

    def __init__(self, model: Any) -> None:
        self.config = config = model.config
        mels = config.spec.n_mels
        self.generators = {
            name: load(Generator(config.generator, mels), model.generators[name]) for name in DOMAINS
        }
        self.discriminators = {
            name: load(Judge(config.discriminator, mels), model.discriminators[name]) for name in DOMAINS
        }
        self.averages = [Average(each, config.optimizer.ema_momentum) for each in self.generators.values()]
        self.pools = {name: Pool(config.discriminator.replay) for name in DOMAINS}
        self.descend = Descent(model.optimizers["generator"], *self.generators.values())
        self.descend_discriminators = Descent(
            model.optimizers["discriminator"], *self.discriminators.values()
        )

    def step(self, clips: Mapping[str, Tensor]) -> float:
        """One step; the generators' objective."""
        fakes, loss = self._translated(clips)
        loss = loss + self._cycled(clips, fakes)
        self.descend(loss)
        self.descend_discriminators(self._judged(clips, fakes))
        for average in self.averages:
            average.follow()
        return loss.item()

    def _translated(self, clips: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], Tensor]:
        fakes, total, weights = {}, torch.zeros(()), self.config.loss
        for target, source in (DOMAINS, DOMAINS[::-1]):
            corrupted = corrupt(clips[target], clips[source], self.config.corruption)
            fake, restored = self.generators[target](torch.cat([clips[source], corrupted])).chunk(2)
            seen = logits_of(self.discriminators[target](augmented(fake, self.config.diff_augment)))
            total = total + weights.adversarial * fooling(self.config.discriminator.loss, seen)
            total = total + weights.identity * functional.l1_loss(restored, clips[target])
            fakes[target] = fake
        return fakes, total

    def _cycled(self, clips: Mapping[str, Tensor], fakes: Mapping[str, Tensor]) -> Tensor:
        total = torch.zeros(())
        for target, source in (DOMAINS, DOMAINS[::-1]):
            fake = fakes[source] if self.config.loss.cycle_gradient else fakes[source].detach()
            back = self.generators[target](corrupt(fake, None, self.config.corruption))
            total = total + self.config.loss.cycle * functional.l1_loss(back, clips[target])
        return total

    def _judged(self, clips: Mapping[str, Tensor], fakes: Mapping[str, Tensor]) -> Tensor:
        total = torch.zeros(())
        for name in DOMAINS:
            past = self.pools[name].exchange(fakes[name].detach())
            # One draw for both, so that what is done to the clips tells nothing.
            real, fake = augmented(torch.cat([clips[name], past], 1), self.config.diff_augment).chunk(2, 1)
            seen = (logits_of(self.discriminators[name](clip)) for clip in (real, fake))
            total = total + telling(self.config.discriminator.loss, *seen)
        return total


class Pool:
    """`pipelines.nn.replay_pool.ReplayPool`, for batches that are no larger than it."""

    def __init__(self, size: int) -> None:
        """Begins empty."""
        self._size, self._clips = size, torch.zeros(0)

    def exchange(self, fresh: Tensor) -> Tensor:
        """Keeps fresh clips; half of what it gives back is from the past once it is full."""
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
    """See `cyclegan.corruption.corrupt`."""
    if other is not None:
        with_envelope = diff_augment.lend_envelope(clip, other, config.envelope_width)
        clip = diff_augment.choose(diff_augment.lend_statistics(clip, other), with_envelope, config.envelope)
    clip = diff_augment.gain(diff_augment.low_pass(clip, config.low_pass), config.gain)
    clip = diff_augment.equalize(clip, config.equalizer, config.knots)
    return diff_augment.noise(clip, config.noise).clamp_min(-1.0)


def augmented(clip: Tensor, config: DiffAugmentConfig) -> Tensor:
    """See `cyclegan.corruption.augmented`."""
    clip = diff_augment.time_shift(diff_augment.gain(clip, config.gain), config.shift)
    return diff_augment.cut_out(clip, config.cut)
