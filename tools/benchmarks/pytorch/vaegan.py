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
from tools.benchmarks.pytorch.conditioning import Decoder, Level, perturbed, presence, with_perturbed_view
from tools.benchmarks.pytorch.losses import (
    cross_entropy,
    feature_likelihood,
    features_of,
    generator_loss,
    hinge,
    logits_of,
    r1_penalty,
)
from tools.benchmarks.pytorch.optimization import Optimizer, WeightAverage
from tools.benchmarks.pytorch.source_view import contrast_loss, rise_loss
from tools.benchmarks.pytorch.weights import load
from vaegan.config import EncoderConfig
from vaegan.losses import EQUILIBRIUM
from vaegan.networks import noise_channels

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
    """Losses of a step, unweighted scalars.

    Attributes:
        kl: KL divergence of the posterior from the prior.
        pixels: mean absolute error of reconstructions.
        contrast: distance of samples from their sources in the contrast.
        rises: the same in the rises.
        features: distance of reconstructions from their clips in the discriminator's features.
        real: the discriminator's loss on clips.
        generated: the discriminator's loss on reconstructions and samples.
        decoder: the decoder's adversarial loss.
        penalty: gradient penalty of the discriminator.
    """

    kl: Tensor
    pixels: Tensor
    contrast: Tensor
    rises: Tensor
    features: Tensor
    real: Tensor
    generated: Tensor
    decoder: Tensor
    penalty: Tensor


class VAEGAN:
    """Networks and optimizers with the Keras model's weights, settings and progress."""

    def __init__(self, model: Any) -> None:
        self.config = config = model.config
        mels = config.spec.n_mels
        self.levels = {domain: Level(encoder) for domain, encoder in model.content_encoders.items()}
        self.encoder = load(Encoder(config.encoder, mels), model.encoder)
        self.decoder = load(Decoder(config), model.decoder)
        self.discriminator = load(MultiScaleDiscriminator(config.discriminator, mels), model.discriminator)
        self.average = WeightAverage(self.decoder, config.optimizer.ema_momentum)
        self.latent = torch.zeros(config.encoder.latent)
        self.steps, self.total_steps = int(model.step), float(model.total_steps)
        self.optimizers = (
            Optimizer(model.optimizers["encoder"], self.encoder),
            Optimizer(model.optimizers["decoder"], self.decoder),
            Optimizer(model.optimizers["discriminator"], self.discriminator),
        )

    def step(self, clips: Mapping[str, Tensor]) -> float:
        """One train step; returns the sum of the losses."""
        samples = self.config.loss.samples
        contents = {domain: self._content(clips, domain) for domain in sorted({"band", samples})}
        mean, log_variance = self.encoder(clips["band"])
        latent = torch.addcmul(mean, torch.exp(0.5 * log_variance), torch.randn(mean.shape))
        reconstruction = self._decoded(contents["band"], latent)
        sample = self._decoded(contents[samples], torch.randn(mean.shape))
        real, source = self.decoder.bounded(clips["band"]), clips[samples]
        losses = Losses(
            0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).mean(),
            functional.l1_loss(reconstruction, real),
            contrast_loss(sample, source, presence(contents[samples], "contrast")),
            rise_loss(sample, source),
            *self._discriminated(real, reconstruction, sample),
            self._penalty(real),
        )
        self._update(self._objectives(losses), (True, *self._gates(losses)))
        self.average.update()
        self.latent.lerp_(mean.detach().mean((0, 1)), 1 - self.config.optimizer.ema_momentum)
        self.steps += 1
        return torch.stack(losses).sum().item()

    def _content(self, clips: Mapping[str, Tensor], domain: str) -> Tensor:
        """Perturbed content of the clips of a domain, with a view."""
        log_mel = clips[domain]
        notes = perturbed(clips[f"{domain}/note_logits"], self.levels[domain](log_mel), self.config.content)
        return with_perturbed_view(notes, log_mel, self.config.view)

    def _decoded(self, contents: Tensor, latent: Tensor) -> Tensor:
        """Log-mels of content and latents, with new noise."""
        log_mel: Tensor = self.decoder(
            contents, latent, torch.randn(*contents.shape[:2], noise_channels(self.config))
        )
        return log_mel

    def _discriminated(
        self, real: Tensor, reconstruction: Tensor, sample: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Distance in features, and adversarial losses, in the order of `Losses`.

        Clips, reconstructions and samples have passes of their own, so that no gradient passes through clips
        that its loss is not of.
        """
        original, again, drawn = (self.discriminator(x[:, None]) for x in (real, reconstruction, sample))
        fake = [torch.cat(scale) for scale in zip(logits_of(again), logits_of(drawn), strict=True)]
        is_hinge = self.config.loss.adversarial == "hinge"
        loss = hinge if is_hinge else cross_entropy
        generated = loss(fake, real=False)
        decoder = generator_loss("hinge", fake) if is_hinge else -generated
        features = feature_likelihood(features_of(again), features_of(original))
        return features, loss(logits_of(original), real=True), generated, decoder

    def _objectives(self, losses: Losses) -> tuple[Tensor, Tensor, Tensor]:
        """Objectives of the encoder, the decoder and the discriminator."""
        config = self.config.loss
        begun = float(self.steps / self.total_steps >= config.warm_up)
        reconstruction = config.pixels * losses.pixels + begun * config.features * losses.features
        decoder = reconstruction + begun * config.gan * losses.decoder
        return (
            reconstruction + config.kl * losses.kl,
            decoder + config.contrast * losses.contrast + config.rises * losses.rises,
            losses.real + losses.generated + config.penalty * losses.penalty,
        )

    def _penalty(self, real: Tensor) -> Tensor:
        """Gradient penalty of every `penalty_every`-th step; 0 in the others."""
        config = self.config.loss
        if not config.penalty or self.steps % config.penalty_every:
            return torch.zeros(())
        deviation = self.decoder.band_statistics.deviation
        return r1_penalty(lambda clips: logits_of(self.discriminator(clips[:, None])), real, deviation)

    def _gates(self, losses: Losses) -> tuple[bool, bool]:
        """Gates of the decoder's and discriminator's updates, see `vaegan.losses.equilibrium_gates`."""
        margin = self.config.loss.margin
        if not margin:
            return True, True
        least, most = sorted((losses.real.item(), losses.generated.item()))
        discriminator, decoder = least >= EQUILIBRIUM - margin, most <= EQUILIBRIUM + margin
        neither = not (decoder or discriminator)
        return decoder or neither, discriminator or neither

    def _update(self, objectives: Sequence[Tensor], gates: Sequence[bool]) -> None:
        """All gradients, then all updates; a closed gate is a learning rate of zero."""
        for i, (optimizer, objective) in enumerate(zip(self.optimizers, objectives, strict=True), 1):
            optimizer.backward(objective, retain_graph=i < len(self.optimizers))
        for optimizer, gate in zip(self.optimizers, gates, strict=True):
            optimizer.step(gate)
