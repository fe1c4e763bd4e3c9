"""Content (note logits and levels) and the decoders that are conditioned on it, in PyTorch.

See `transcriber.content`, `transcriber.content_decoder.networks` and `vaegan.networks`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tools.benchmarks.pytorch.blocks import LAYER_EPSILON, Standardize, TimeConv, Trunk, folded, unfolded
from transcriber.config import ContentConfig
from transcriber.content import CONTENT, SCALE
from transcriber.content_decoder.networks import KERNEL


class Level(nn.Module):
    """`pipelines.nn.quantile_map.PiecewiseLinear`, of each frame's mean."""

    x: Tensor
    y: Tensor

    def __init__(self, encoder: Any) -> None:
        """Takes the points of a Keras encoder, see `transcriber.content.build_encoder`."""
        super().__init__()
        for name, points in zip("xy", encoder.get_layer("level").get_weights(), strict=True):
            self.register_buffer(name, torch.from_numpy(points))

    def forward(self, log_mel: Tensor) -> Tensor:
        """[batch, frames, mels] -> [batch, frames, 1]."""
        steps = self.x.diff()
        walked = (log_mel.mean(2, keepdim=True) - self.x[:-1]).clamp_min(0.0).minimum(steps)
        return self.y[0] + (walked @ (self.y.diff() / steps))[..., None]


def perturbed(heard: Tensor, level: Tensor, config: ContentConfig) -> Tensor:
    """Content with random perturbations: logits scaled and with noise, levels shifted and with noise.

    Args:
        heard: logits [batch, frames, numbers].
        level: [batch, frames, 1].
        config: strength of the perturbations.

    Returns:
        [batch, frames, numbers + 1].
    """
    batch, _, width = heard.shape
    factor = torch.rand(batch, 1, 1) * (config.most - config.least) + config.least
    noise = config.pitch_noise * torch.randn(batch, 1, width) + config.noise * torch.randn(heard.shape)
    offset = config.level * torch.randn(batch, 1, 1)
    level = level + offset + config.level_noise * torch.randn(level.shape)
    return torch.cat([torch.addcmul(noise, factor, heard) * SCALE, level], 2)


def probabilities(content: Tensor) -> Tensor:
    """Content with the logits as probabilities from -1 to 1, and the level as it is."""
    return torch.cat([torch.tanh(content[..., :-1] / (2 * SCALE)), content[..., -1:]], 2)


class Decoder(nn.Module):
    """Content [batch, frames, CONTENT], and perhaps a latent, to log-mel [batch, frames, mels]."""

    def __init__(self, config: Any, mels: int, latent: int = 0, latent_stride: int = 0) -> None:
        """As `vaegan.networks.build_decoder`; without a latent, as `transcriber.content_decoder.networks` has it."""
        super().__init__()
        self.stride, self.stretch = config.time_stride, latent_stride // config.time_stride
        self.stem = TimeConv(CONTENT * self.stride, config.width, KERNEL)
        if latent:
            self.style = nn.Linear(latent, config.width)
        self.blocks = Trunk(config.width, [1] * config.blocks, KERNEL)
        self.last_norm = nn.LayerNorm(config.width, eps=LAYER_EPSILON)
        self.out = nn.Linear(config.width, mels * self.stride)
        self.band_statistics = Standardize(mels, invert=True)

    def forward(self, content: Tensor, latent: Tensor | None = None) -> Tensor:
        """Plays."""
        x = self.stem(folded(probabilities(content), self.stride))
        if latent is not None:
            x = x + self.style(latent).repeat_interleave(self.stretch, 1)
        made: Tensor = self.band_statistics(unfolded(self.out(self.last_norm(self.blocks(x))), self.stride))
        return made
