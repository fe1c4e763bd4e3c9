"""Content (note logits and levels) and the VAE-GAN's decoder, in PyTorch.

See `transcriber.content` and `vaegan.networks`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tools.benchmarks.pytorch.blocks import (
    LAYER_EPSILON,
    Standardize,
    TimeConv,
    Trunk,
    pack_frames,
    unpack_frames,
)
from transcriber.config import ContentConfig
from transcriber.content import CONTENT, SCALE
from transcriber.content_decoder.networks import KERNEL


class Level(nn.Module):
    """Quantile map of each frame's mean, see `pipelines.nn.quantile_map.PiecewiseLinear`."""

    x: Tensor
    y: Tensor

    def __init__(self, encoder: Any) -> None:
        """Copies the knots of a Keras encoder, see `transcriber.content.build_encoder`."""
        super().__init__()
        for name, knots in zip("xy", encoder.get_layer("level").get_weights(), strict=True):
            self.register_buffer(name, torch.from_numpy(knots))

    def forward(self, log_mel: Tensor) -> Tensor:
        """[batch, frames, mels] -> [batch, frames, 1]."""
        widths = self.x.diff()
        offsets = (log_mel.mean(2, keepdim=True) - self.x[:-1]).clamp_min(0.0).minimum(widths)
        return self.y[0] + (offsets @ (self.y.diff() / widths))[..., None]


def perturbed(logits: Tensor, level: Tensor, config: ContentConfig) -> Tensor:
    """Content with random perturbations: logits scaled and with noise, levels shifted and with noise.

    Args:
        logits: note and drum logits [batch, frames, classes].
        level: [batch, frames, 1].
        config: strength of the perturbations.

    Returns:
        [batch, frames, classes + 1].
    """
    batch, _, classes = logits.shape
    factor = torch.rand(batch, 1, 1) * (config.most - config.least) + config.least
    noise = config.pitch_noise * torch.randn(batch, 1, classes) + config.noise * torch.randn(logits.shape)
    offset = config.level * torch.randn(batch, 1, 1)
    level = level + offset + config.level_noise * torch.randn(level.shape)
    return torch.cat([torch.addcmul(noise, factor, logits) * SCALE, level], 2)


def probabilities(content: Tensor) -> Tensor:
    """Content with the logits as probabilities scaled to [-1, 1], and the level unchanged."""
    return torch.cat([torch.tanh(content[..., :-1] / (2 * SCALE)), content[..., -1:]], 2)


class Decoder(nn.Module):
    """Decoder of content [batch, frames, CONTENT] and a latent to log-mel [batch, frames, mels].

    See `vaegan.networks.build_decoder`.
    """

    def __init__(self, config: Any, mels: int, latent: int, latent_stride: int) -> None:
        """Creates the layers.

        Args:
            config: `vaegan.config.DecoderConfig`.
            mels: number of mel bands.
            latent: size of a latent vector.
            latent_stride: frames of each latent vector.
        """
        super().__init__()
        self.stride, self.repeats = config.time_stride, latent_stride // config.time_stride
        self.stem = TimeConv(CONTENT * self.stride, config.width, KERNEL)
        self.style = nn.Linear(latent, config.width)
        self.blocks = Trunk(config.width, config.blocks, KERNEL)
        self.last_norm = nn.LayerNorm(config.width, eps=LAYER_EPSILON)
        self.out = nn.Linear(config.width, mels * self.stride)
        self.band_statistics = Standardize(mels, invert=True)

    def forward(self, content: Tensor, latent: Tensor) -> Tensor:
        """Content and latents [batch, frames / latent_stride, latent] to log-mels."""
        x = self.stem(pack_frames(probabilities(content), self.stride))
        x = x + self.style(latent).repeat_interleave(self.repeats, 1)
        x = self.out(self.last_norm(self.blocks(x)))
        log_mel: Tensor = self.band_statistics(unpack_frames(x, self.stride))
        return log_mel
