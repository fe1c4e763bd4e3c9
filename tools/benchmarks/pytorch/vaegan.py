"""VAE-GAN train step in PyTorch, see `vaegan.model.VAEGAN.train_step`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.benchmarks.pytorch.blocks import (
    LAYER_EPSILON,
    MultiScaleDiscriminator,
    Standardize,
    Trunk,
    pack_frames,
)
from tools.benchmarks.pytorch.conditioning import Decoder, Level, perturbed
from tools.benchmarks.pytorch.losses import cross_entropy, features_of, logits_of, mean
from tools.benchmarks.pytorch.optimization import Optimizer, WeightAverage
from tools.benchmarks.pytorch.weights import load
from vaegan.config import EncoderConfig

_KERNEL = 3


def step(model: Any, batch: Mapping[str, np.ndarray]) -> Callable[[], float] | None:
    """Train step: an update of each network, with a learning rate of zero where its gate is closed.

    Args:
        model: `vaegan.model.VAEGAN`.
        batch: log-mels "content" and "band", [batch, frames, n_mels, 1], and their note logits,
            "content/note_logits" and "band/note_logits".

    Returns:
        None if the batch has no note logits, which it has in training.
    """
    if "band/note_logits" not in batch:
        return None
    clips = {name: torch.from_numpy(each[..., 0] if each.ndim == 4 else each) for name, each in batch.items()}
    reference = VAEGAN(model)
    return lambda: reference.step(clips)


class Encoder(nn.Module):
    """Encoder of log-mels [batch, frames, mels] to mean and log-variance of the posterior."""

    def __init__(self, config: EncoderConfig, mels: int) -> None:
        super().__init__()
        self.stride = config.time_stride
        self.band_statistics = Standardize(mels)
        self.stem = nn.Linear(mels * self.stride, config.width)
        self.blocks = Trunk(config.width, config.blocks, _KERNEL)
        self.last_norm = nn.LayerNorm(config.width, eps=LAYER_EPSILON)
        self.mean = nn.Linear(config.width, config.latent)
        self.log_variance = nn.Linear(config.width, config.latent)

    def forward(self, log_mel: Tensor) -> tuple[Tensor, Tensor]:
        """[batch, frames, mels] -> two tensors [batch, positions, latent]."""
        x = self.stem(pack_frames(self.band_statistics(log_mel), self.stride))
        x = self.last_norm(self.blocks(x))
        return self.mean(x), self.log_variance(x)


class Losses(NamedTuple):
    """Loss terms of the three objectives, scalars.

    Attributes:
        kl: KL divergence of the posterior from the prior.
        reconstruction: distance of reconstructions from their clips, in features and log-mels.
        real: cross entropy of the discriminator on real clips.
        fake: cross entropy of the discriminator on reconstructions and samples.
        generator: cross entropy of these with the label real.
    """

    kl: Tensor
    reconstruction: Tensor
    real: Tensor
    fake: Tensor
    generator: Tensor


class VAEGAN:
    """Networks and optimizers with the Keras model's weights and settings."""

    def __init__(self, model: Any) -> None:
        self.config = config = model.config
        mels, sizes = config.spec.n_mels, config.encoder
        self.levels = {domain: Level(encoder) for domain, encoder in model.content_encoders.items()}
        self.encoder = load(Encoder(sizes, mels), model.encoder)
        decoder = Decoder(config.decoder, mels, sizes.latent, sizes.time_stride)
        self.decoder = load(decoder, model.decoder)
        self.discriminator = load(MultiScaleDiscriminator(config.discriminator, mels), model.discriminator)
        self.average = WeightAverage(self.decoder, config.optimizer.ema_momentum)
        self.latent = torch.zeros(sizes.latent)
        self.optimizers = (
            Optimizer(model.optimizers["encoder"], self.encoder),
            Optimizer(model.optimizers["decoder"], self.decoder),
            Optimizer(model.optimizers["discriminator"], self.discriminator),
        )

    def step(self, clips: Mapping[str, Tensor]) -> float:
        """One train step; returns the encoder's loss."""
        samples = self.config.loss.samples
        contents = {domain: self._content(clips, domain) for domain in sorted({"band", samples})}
        mean, log_variance = self.encoder(clips["band"])
        latent = torch.addcmul(mean, torch.exp(0.5 * log_variance), torch.randn(mean.shape))
        reconstruction = self.decoder(contents["band"], latent)
        sample = self.decoder(contents[samples], torch.randn(mean.shape))
        kl = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).mean()
        losses = self._losses(clips["band"], reconstruction, sample, kl)
        objectives = self._objectives(losses)
        self._update(objectives, (True, *self._gates(losses)))
        self.average.update()
        self.latent.lerp_(mean.detach().mean((0, 1)), 1 - self.config.optimizer.ema_momentum)
        return objectives[0].item()

    def _content(self, clips: Mapping[str, Tensor], domain: str) -> Tensor:
        return perturbed(
            clips[f"{domain}/note_logits"], self.levels[domain](clips[domain]), self.config.content
        )

    def _losses(self, clip: Tensor, reconstructed: Tensor, sample: Tensor, kl: Tensor) -> Losses:
        """Loss terms; one pass of the discriminator over clips, reconstructions and samples."""
        config, count = self.config.loss, len(clip)
        outputs = self.discriminator(torch.cat([clip, reconstructed, sample])[:, None])
        real, fake = ([x[part] for x in logits_of(outputs)] for part in (slice(count), slice(count, None)))
        features = mean([_likelihood(x[count : 2 * count], x[:count]) for x in features_of(outputs)])
        reconstruction = config.features * features + config.pixels * functional.l1_loss(reconstructed, clip)
        discriminator = cross_entropy(real, real=True), cross_entropy(fake, real=False)
        return Losses(kl, reconstruction, *discriminator, cross_entropy(fake, real=True))

    def _objectives(self, losses: Losses) -> tuple[Tensor, Tensor, Tensor]:
        """Objectives of the encoder, the decoder and the discriminator."""
        config = self.config.loss
        gan = config.real * losses.real + (1 - config.real) * losses.fake
        adversarial = losses.generator if config.adversarial == "non_saturating" else -gan
        decoder = config.gamma * losses.reconstruction + (1 - config.gamma) * adversarial
        return losses.reconstruction + config.kl * losses.kl, decoder, gan

    def _gates(self, losses: Losses) -> tuple[bool, bool]:
        """Gates of the decoder's and discriminator's updates, see `vaegan.losses.equilibrium_gates`."""
        config, both = self.config.loss, sorted((losses.real.item(), losses.fake.item()))
        discriminator = both[0] >= config.equilibrium - config.margin
        decoder = both[1] <= config.equilibrium + config.margin
        neither = not (decoder or discriminator)
        return decoder or neither, discriminator or neither

    def _update(self, objectives: Sequence[Tensor], gates: Sequence[bool]) -> None:
        """All gradients, then all updates; a closed gate is a learning rate of zero."""
        for i, (optimizer, objective) in enumerate(zip(self.optimizers, objectives, strict=True), 1):
            optimizer.backward(objective, retain_graph=i < len(self.optimizers))
        for optimizer, gate in zip(self.optimizers, gates, strict=True):
            optimizer.step(gate)


def _likelihood(reconstructed: Tensor, real: Tensor) -> Tensor:
    """Negative log-likelihood of one layer's features, see `vaegan.losses.feature_likelihood`."""
    variance = real.detach().var((0, 2, 3), correction=0).mean() + 1e-6
    return 0.5 * functional.mse_loss(reconstructed, real) / variance
