"""The VAE-GAN's train step in PyTorch, see `vaegan.model.VAEGAN.train_step`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.benchmarks.pytorch.blocks import LAYER_EPSILON, Judge, Standardize, Trunk, folded
from tools.benchmarks.pytorch.learning import Average, Descent
from tools.benchmarks.pytorch.losses import cross_entropy, features_of, logits_of, mean
from tools.benchmarks.pytorch.playing import Decoder, Level, perturbed
from tools.benchmarks.pytorch.weights import load
from vaegan.config import EncoderConfig

_KERNEL = 3


def step(model: Any, batch: Mapping[str, np.ndarray]) -> Callable[[], float] | None:
    """One step of each network, unless it has to wait for the others.

    Args:
        model: `vaegan.model.VAEGAN`.
        batch: log-mels "content" and "band", [batch, frames, n_mels, 1], and what is heard in them.

    Returns:
        None if the batch does not say what is heard, which it does in training.
    """
    if "band/heard" not in batch:
        return None
    clips = {name: torch.from_numpy(each[..., 0] if each.ndim == 4 else each) for name, each in batch.items()}
    reference = VAEGAN(model)
    return lambda: reference.step(clips)


class Encoder(nn.Module):
    """Log-mel [batch, frames, mels] -> mean and log-variance of the posterior."""

    def __init__(self, config: EncoderConfig, mels: int) -> None:
        super().__init__()
        self.stride = config.time_stride
        self.band_statistics = Standardize(mels)
        self.stem = nn.Linear(mels * self.stride, config.width)
        self.blocks = Trunk(config.width, [1] * config.blocks, _KERNEL)
        self.last_norm = nn.LayerNorm(config.width, eps=LAYER_EPSILON)
        self.mean = nn.Linear(config.width, config.latent)
        self.log_variance = nn.Linear(config.width, config.latent)

    def forward(self, log_mel: Tensor) -> tuple[Tensor, Tensor]:
        """Encodes."""
        x = self.stem(folded(self.band_statistics(log_mel), self.stride))
        x = self.last_norm(self.blocks(x))
        return self.mean(x), self.log_variance(x)


class Losses(NamedTuple):
    """Loss terms of the three objectives, scalars.

    Attributes:
        kl: KL divergence of the posterior from the prior.
        reconstruction: distance of reconstructions from their clips, in features and pixels.
        real: cross entropy of the discriminator on real clips.
        made: cross entropy of the discriminator on reconstructions and samples.
        fooled: cross entropy of taking these for real.
    """

    kl: Tensor
    reconstruction: Tensor
    real: Tensor
    made: Tensor
    fooled: Tensor


class VAEGAN:
    """All that learns, with the Keras model's weights and settings."""

    def __init__(self, model: Any) -> None:
        self.config = config = model.config
        mels, sizes = config.spec.n_mels, config.encoder
        self.levels = {domain: Level(encoder) for domain, encoder in model.content_encoders.items()}
        self.encoder = load(Encoder(sizes, mels), model.encoder)
        decoder = Decoder(config.decoder, mels, sizes.latent, sizes.time_stride)
        self.decoder = load(decoder, model.decoder)
        self.discriminator = load(Judge(config.discriminator, mels), model.discriminator)
        self.average = Average(self.decoder, config.optimizer.ema_momentum)
        self.latent = torch.zeros(sizes.latent)
        self.descents = (
            Descent(model.optimizers["encoder"], self.encoder),
            Descent(model.optimizers["decoder"], self.decoder),
            Descent(model.optimizers["discriminator"], self.discriminator),
        )

    def step(self, clips: Mapping[str, Tensor]) -> float:
        """One step; the encoder's objective."""
        samples = self.config.loss.samples
        contents = {domain: self._content(clips, domain) for domain in sorted({"band", samples})}
        mean, log_variance = self.encoder(clips["band"])
        latent = torch.addcmul(mean, torch.exp(0.5 * log_variance), torch.randn(mean.shape))
        again = self.decoder(contents["band"], latent)
        sample = self.decoder(contents[samples], torch.randn(mean.shape))
        kl = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).mean()
        losses = self._compared(clips["band"], again, sample, kl)
        objectives = self._objectives(losses)
        self._descend(objectives, (True, *self._gates(losses)))
        self.average.follow()
        self.latent.lerp_(mean.detach().mean((0, 1)), 1 - self.config.optimizer.ema_momentum)
        return objectives[0].item()

    def _content(self, clips: Mapping[str, Tensor], domain: str) -> Tensor:
        return perturbed(clips[f"{domain}/heard"], self.levels[domain](clips[domain]), self.config.content)

    def _compared(self, clip: Tensor, again: Tensor, sample: Tensor, kl: Tensor) -> Losses:
        """The discriminator looks at all three at once."""
        config, count = self.config.loss, len(clip)
        judged = self.discriminator(torch.cat([clip, again, sample])[:, None])
        real, made = ([x[part] for x in logits_of(judged)] for part in (slice(count), slice(count, None)))
        features = mean([_likelihood(x[count : 2 * count], x[:count]) for x in features_of(judged)])
        reconstruction = config.features * features + config.pixels * functional.l1_loss(again, clip)
        told = cross_entropy(real, real=True), cross_entropy(made, real=False)
        return Losses(kl, reconstruction, *told, cross_entropy(made, real=True))

    def _objectives(self, losses: Losses) -> tuple[Tensor, Tensor, Tensor]:
        """Of the encoder, the decoder and the discriminator."""
        config = self.config.loss
        gan = config.real * losses.real + (1 - config.real) * losses.made
        fooling = losses.fooled if config.adversarial == "non_saturating" else -gan
        decoder = config.gamma * losses.reconstruction + (1 - config.gamma) * fooling
        return losses.reconstruction + config.kl * losses.kl, decoder, gan

    def _gates(self, losses: Losses) -> tuple[bool, bool]:
        """Gates of the decoder's and discriminator's updates, see `vaegan.losses.equilibrium_gates`."""
        config, both = self.config.loss, sorted((losses.real.item(), losses.made.item()))
        discriminator = both[0] >= config.equilibrium - config.margin
        decoder = both[1] <= config.equilibrium + config.margin
        neither = not (decoder or discriminator)
        return decoder or neither, discriminator or neither

    def _descend(self, objectives: Sequence[Tensor], gates: Sequence[bool]) -> None:
        """All gradients, then all updates; of a network that waits, of the moments only."""
        for i, (descend, objective) in enumerate(zip(self.descents, objectives, strict=True), 1):
            descend.backward(objective, keep=i < len(self.descents))
        for descend, gate in zip(self.descents, gates, strict=True):
            descend.step(gate)


def _likelihood(again: Tensor, real: Tensor) -> Tensor:
    """See `vaegan.losses.feature_likelihood`, of one layer."""
    variance = real.detach().var((0, 2, 3), correction=0).mean() + 1e-6
    return 0.5 * functional.mse_loss(again, real) / variance
