"""Layers shared by the PyTorch references: maps are channels_last, sequences [batch, positions, channels].

On CPUs, oneDNN's convolutions are fastest in that layout, and norms and dense layers need no transposition in
it. Modules have the names of the Keras layers whose weights they copy (see `weights.load`).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

LAYER_EPSILON = 1e-3
"""Epsilon of Keras's layer normalisation; PyTorch's default is smaller."""


def norm(kind: str, width: int) -> nn.Module:
    """Normalisation over the channels of each position: "layer", "rms" or "none"."""
    if kind == "none":
        return nn.Identity()
    return nn.RMSNorm(width, eps=1e-6) if kind == "rms" else nn.LayerNorm(width, eps=LAYER_EPSILON)


class Conv(nn.Conv2d):
    """2-D convolution with TensorFlow's "same" padding, which may differ between both ends."""

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channels, height, width] -> [batch, channels, height / stride, width / stride]."""
        pads = [
            max(-(-size // stride) * stride - stride + kernel - size, 0)
            for size, stride, kernel in zip(x.shape[2:], self.stride, self.kernel_size, strict=True)
        ]
        if any(pad % 2 for pad in pads):
            height, width = pads
            x = functional.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))
            pads = [0, 0]
        half = [pad // 2 for pad in pads]
        return functional.conv2d(x, self.weight, self.bias, self.stride, half)


class TimeConv(nn.Conv2d):
    """Convolution along time of [batch, positions, channels], as a 2-D one, which supports channels_last."""

    def __init__(self, width: int, out: int, kernel: int, groups: int = 1, causal: bool = False) -> None:
        """Pads with zeros: before the first position if causal, else on both sides."""
        super().__init__(width, out, (1, kernel), padding=(0, 0 if causal else kernel // 2), groups=groups)
        self.past = kernel - 1 if causal else 0

    def forward(self, x: Tensor) -> Tensor:
        """[batch, positions, width] -> [batch, positions, out]."""
        x = functional.pad(x, (0, 0, self.past, 0)) if self.past else x
        return super().forward(x.transpose(1, 2).unsqueeze(2)).squeeze(2).transpose(1, 2)


class Standardize(nn.Module):
    """Standardisation of mel bands, the last axis: (x - mean) / deviation; with `invert`, its inverse."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mels: int, invert: bool = False) -> None:
        super().__init__()
        self.invert = invert
        self.register_buffer("mean", torch.zeros(mels))
        self.register_buffer("deviation", torch.ones(mels))

    def forward(self, x: Tensor) -> Tensor:
        """[..., mels] -> [..., mels]."""
        if self.invert:
            return torch.addcmul(self.mean, x, self.deviation)
        return (x - self.mean) / self.deviation


class Embedding(nn.Module):
    """Trainable offset per mel band and channel, added to maps [batch, channels, frames, mels]."""

    def __init__(self, mels: int, channels: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.zeros(mels, channels))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channels, frames, mels] -> the same shape."""
        return x + self.embedding.t()[:, None]


def contrast(x: Tensor, width: int, gain: float) -> Tensor:
    """Local contrast: `gain` times each band's excess over its neighbourhood, [batch, 1, frames, mels]."""
    return gain * (x - averaged(x, 1, width))


def averaged(x: Tensor, frames: int, bands: int) -> Tensor:
    """Moving average of [..., frames, mels] over odd numbers of frames and bands, without padding."""
    half = frames // 2, bands // 2
    return functional.avg_pool2d(x, (frames, bands), 1, half, count_include_pad=False)


def unshuffle(x: Tensor, frames: int, mels: int) -> Tensor:
    """Space to depth in the order of the Keras layer: [batch, c, t, m] -> [batch, frames * mels * c, ...]."""
    batch, channels, time, bands = x.shape
    x = x.reshape(batch, channels, time // frames, frames, bands // mels, mels)
    x = x.permute(0, 2, 4, 3, 5, 1).reshape(batch, time // frames, bands // mels, -1)
    return x.permute(0, 3, 1, 2)


def shuffle(x: Tensor, frames: int, mels: int) -> Tensor:
    """Depth to space of one map: [batch, frames * mels, t, m] -> [batch, 1, t * frames, m * mels]."""
    batch, _, time, bands = x.shape
    x = x.reshape(batch, frames, mels, time, bands).permute(0, 3, 1, 4, 2)
    return x.reshape(batch, 1, time * frames, bands * mels)


def pack_frames(x: Tensor, stride: int) -> Tensor:
    """Frames packed into channels: [batch, frames, channels] -> [batch, positions, channels * stride]."""
    batch, frames, channels = x.shape
    return (
        x.reshape(batch, frames // stride, stride, channels)
        .transpose(2, 3)
        .reshape(batch, -1, channels * stride)
    )


def unpack_frames(x: Tensor, stride: int) -> Tensor:
    """Inverse of `pack_frames`."""
    batch, positions, channels = x.shape
    x = x.reshape(batch, positions, channels // stride, stride).transpose(2, 3)
    return x.reshape(batch, positions * stride, channels // stride)


class Trunk(nn.ModuleDict):
    """Residual blocks along time: norm, convolution, ReLU, dense layer."""

    def __init__(self, width: int, blocks: int, kernel: int, kind: str = "layer") -> None:
        super().__init__()
        self.count = blocks
        for i in range(blocks):
            self[f"block{i}_norm"] = norm(kind, width)
            self[f"block{i}_conv"] = TimeConv(width, width, kernel)
            self[f"block{i}_out"] = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, positions, width] -> the same shape."""
        for i in range(self.count):
            y = self[f"block{i}_norm"](x)
            x = x + self[f"block{i}_out"](functional.relu(self[f"block{i}_conv"](y)))
        return x


class PatchDiscriminator(nn.Module):
    """Patch discriminator of one resolution, see `pipelines.nn.discriminators.PatchDiscriminator`."""

    def __init__(self, channels: int, depth: int, mels: int) -> None:
        super().__init__()
        self.stem = Conv(1, channels, (4, 8), (2, 4))
        self.bands = Embedding(-(-mels // 4), channels)
        widths = [channels, *(channels * min(2 ** (i + 1), 4) for i in range(depth))]
        self.steps = nn.ModuleDict({f"step{i}": Conv(widths[i], widths[i + 1], 4, 2) for i in range(depth)})
        self.logits = Conv(widths[-1], 1, 3)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Log-mels [batch, 1, frames, mels] to the feature maps of every layer, then the logits."""
        outputs = [functional.leaky_relu(self.bands(self.stem(x)), 0.2)]
        for step in self.steps.values():
            outputs.append(functional.leaky_relu(step(outputs[-1]), 0.2))
        return [*outputs, self.logits(outputs[-1])]


class MultiScaleDiscriminator(nn.ModuleDict):
    """Patch discriminators at several resolutions, each the 2 x 2 average of the previous one."""

    def __init__(self, config: Any, mels: int) -> None:
        """Creates the discriminators by `channels`, `depth` and `scales` of a family's configuration."""
        sizes = [mels // 2**i for i in range(config.scales)]
        super().__init__(
            {
                f"scale{i}": PatchDiscriminator(config.channels, config.depth, size)
                for i, size in enumerate(sizes)
            }
        )

    def forward(self, x: Tensor) -> list[list[Tensor]]:
        """Log-mels [batch, 1, frames, mels] to the outputs of `PatchDiscriminator` of each scale."""
        outputs = []
        for i, discriminator in enumerate(self.values()):
            x = functional.avg_pool2d(x, 2) if i else x
            outputs.append(discriminator(x))
        return outputs
