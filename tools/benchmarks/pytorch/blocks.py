"""Layers that the references share, in PyTorch: maps are channels_last, sequences [batch, positions, channels].

On CPUs oneDNN's convolutions are fastest in that layout, and norms and dense layers need no transposition in
it. Modules have the names of the Keras layers whose weights they take (see `weights.load`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

LAYER_EPSILON = 1e-3
"""Keras's; PyTorch's is smaller."""


def norm(kind: str, width: int) -> nn.Module:
    """Over the channels of each position: "layer", "rms" or "none"."""
    if kind == "none":
        return nn.Identity()
    return nn.RMSNorm(width, eps=1e-6) if kind == "rms" else nn.LayerNorm(width, eps=LAYER_EPSILON)


class Conv(nn.Conv2d):
    """A 2-D convolution with TensorFlow's "same" padding, which need not be as much at both ends."""

    def forward(self, x: Tensor) -> Tensor:
        """[batch, channels, height, width] -> the same over the stride."""
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
    """A convolution along time of [batch, positions, channels], as a 2-D one: that knows channels_last."""

    def __init__(
        self, width: int, out: int, kernel: int, dilation: int = 1, groups: int = 1, padding: str = "same"
    ) -> None:
        """Padding is "same", "causal" or "valid"."""
        half = dilation * (kernel // 2) if padding == "same" else 0
        super().__init__(width, out, (1, kernel), padding=(0, half), dilation=(1, dilation), groups=groups)
        self.past = dilation * (kernel - 1) if padding == "causal" else 0

    def forward(self, x: Tensor) -> Tensor:
        """[batch, positions, width] -> [batch, positions, out]; fewer positions without padding."""
        x = functional.pad(x, (0, 0, self.past, 0)) if self.past else x
        return super().forward(x.transpose(1, 2).unsqueeze(2)).squeeze(2).transpose(1, 2)


class Standardize(nn.Module):
    """(x - mean) / deviation of every mel band, the last axis; with `invert`, the way back."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mels: int, invert: bool = False) -> None:
        super().__init__()
        self.invert = invert
        self.register_buffer("mean", torch.zeros(mels))
        self.register_buffer("deviation", torch.ones(mels))

    def forward(self, x: Tensor) -> Tensor:
        """[..., mels]."""
        if self.invert:
            return torch.addcmul(self.mean, x, self.deviation)
        return (x - self.mean) / self.deviation


class Embedding(nn.Module):
    """A learned number per band and channel, added to maps [batch, channels, frames, mels]."""

    def __init__(self, mels: int, channels: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.zeros(mels, channels))

    def forward(self, x: Tensor) -> Tensor:
        """Adds it."""
        return x + self.embedding.t()[:, None]


def contrast(x: Tensor, width: int, gain: float) -> Tensor:
    """Local contrast: `gain` times each band's excess over those around it, [batch, 1, frames, mels]."""
    return gain * (x - envelope(x, width))


def envelope(x: Tensor, width: int) -> Tensor:
    """The moving average over the mel bands that exist, [batch, 1, frames, mels]."""
    return functional.avg_pool2d(x, (1, width), 1, (0, width // 2), count_include_pad=False)


def unshuffle(x: Tensor, frames: int, mels: int) -> Tensor:
    """Space to depth, as Keras's layer orders it: [batch, c, t, m] -> [batch, frames * mels * c, ...]."""
    batch, channels, time, bands = x.shape
    x = x.reshape(batch, channels, time // frames, frames, bands // mels, mels)
    x = x.permute(0, 2, 4, 3, 5, 1).reshape(batch, time // frames, bands // mels, -1)
    return x.permute(0, 3, 1, 2)


def shuffle(x: Tensor, frames: int, mels: int) -> Tensor:
    """Depth to space of one map: [batch, frames * mels, t, m] -> [batch, 1, t * frames, m * mels]."""
    batch, _, time, bands = x.shape
    x = x.reshape(batch, frames, mels, time, bands).permute(0, 3, 1, 4, 2)
    return x.reshape(batch, 1, time * frames, bands * mels)


def folded(x: Tensor, stride: int) -> Tensor:
    """Some frames beside each other: [batch, frames, numbers] -> [batch, positions, numbers * stride]."""
    batch, frames, numbers = x.shape
    return (
        x.reshape(batch, frames // stride, stride, numbers)
        .transpose(2, 3)
        .reshape(batch, -1, numbers * stride)
    )


def unfolded(x: Tensor, stride: int) -> Tensor:
    """The inverse of `folded`."""
    batch, positions, numbers = x.shape
    x = x.reshape(batch, positions, numbers // stride, stride).transpose(2, 3)
    return x.reshape(batch, positions * stride, numbers // stride)


class Trunk(nn.ModuleDict):
    """Residual blocks along time: normalise, perhaps FiLM, convolve, rectify, mix channels, add."""

    def __init__(
        self, width: int, dilations: Sequence[int], kernel: int, kind: str = "layer", style: int = 0
    ) -> None:
        super().__init__()
        self.count, self.styled = len(dilations), bool(style)
        for i, dilation in enumerate(dilations):
            self[f"block{i}_norm"] = norm(kind, width)
            if style:
                self[f"block{i}_scale"] = nn.Linear(style, width)
                self[f"block{i}_shift"] = nn.Linear(style, width)
            self[f"block{i}_conv"] = TimeConv(width, width, kernel, dilation)
            self[f"block{i}_out"] = nn.Linear(width, width)

    def forward(self, x: Tensor, style: Tensor | None = None) -> Tensor:
        """[batch, positions, width]; styles [batch, positions, numbers]."""
        for i in range(self.count):
            y = self[f"block{i}_norm"](x)
            if style is not None:
                scale, shift = self[f"block{i}_scale"](style), self[f"block{i}_shift"](style)
                y = torch.addcmul(y + shift, y, scale)
            x = x + self[f"block{i}_out"](functional.relu(self[f"block{i}_conv"](y)))
        return x


class PatchJudge(nn.Module):
    """`pipelines.nn.discriminators.PatchDiscriminator`: features of every layer, then the logits."""

    def __init__(self, channels: int, depth: int, mels: int) -> None:
        super().__init__()
        self.stem = Conv(1, channels, (4, 8), (2, 4))
        self.bands = Embedding(-(-mels // 4), channels)
        widths = [channels, *(channels * min(2 ** (i + 1), 4) for i in range(depth))]
        self.steps = nn.ModuleDict({f"step{i}": Conv(widths[i], widths[i + 1], 4, 2) for i in range(depth)})
        self.logits = Conv(widths[-1], 1, 3)

    def forward(self, x: Tensor) -> list[Tensor]:
        """[batch, 1, frames, mels]."""
        outputs = [functional.leaky_relu(self.bands(self.stem(x)), 0.2)]
        for step in self.steps.values():
            outputs.append(functional.leaky_relu(step(outputs[-1]), 0.2))
        return [*outputs, self.logits(outputs[-1])]


class Judge(nn.ModuleDict):
    """`MultiScaleDiscriminator`: the same at several resolutions, each the average of 2 x 2 of the last."""

    def __init__(self, config: Any, mels: int) -> None:
        """Takes `channels`, `depth` and `scales` of a family's configuration."""
        sizes = [mels // 2**i for i in range(config.scales)]
        super().__init__(
            {f"scale{i}": PatchJudge(config.channels, config.depth, size) for i, size in enumerate(sizes)}
        )

    def forward(self, x: Tensor) -> list[list[Tensor]]:
        """[batch, 1, frames, mels] -> a list as `PatchJudge`'s per scale."""
        outputs = []
        for i, judge in enumerate(self.values()):
            x = functional.avg_pool2d(x, 2) if i else x
            outputs.append(judge(x))
        return outputs
