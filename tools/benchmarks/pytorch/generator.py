"""`pipelines.nn.generator` in PyTorch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from pipelines.nn.generator import KERNEL, GeneratorConfig
from tools.benchmarks.pytorch.blocks import Conv, Standardize, Trunk, contrast, norm, shuffle, unshuffle

_CONTRAST_GAIN = 5.0


class Generator(nn.Module):
    """Generator of log-mels [batch, 1, frames, mels] from log-mels of the same shape."""

    def __init__(self, config: GeneratorConfig, mels: int) -> None:
        super().__init__()
        self.config = config
        self.strides = config.time_stride, config.mel_stride
        area, flat = self.strides[0] * self.strides[1], mels // config.mel_stride * config.channels
        self.source_statistics, self.target_statistics = Standardize(mels), Standardize(mels, invert=True)
        self.stem = Conv(2 * area, config.channels, KERNEL)
        self.squeeze_norm = norm(config.norm, flat)
        self.squeeze = nn.Linear(flat, config.width)
        self.blocks = Trunk(config.width, config.blocks, KERNEL, config.norm)
        self.trunk_norm = norm(config.norm, config.width)
        self.expand = nn.Linear(config.width, flat)
        self.refine = Conv(config.channels, 2 * config.channels, KERNEL)
        self.keep, self.new = (Conv(2 * config.channels, area, KERNEL) for _ in range(2))

    def forward(self, source: Tensor) -> Tensor:
        """Source log-mels [batch, 1, frames, mels] to log-mels of the target domain."""
        standard = self.source_statistics(source)
        level = standard.mean(3, keepdim=True).expand_as(standard)
        inputs = torch.cat([contrast(source, self.config.contrast_width, _CONTRAST_GAIN), level], 1)
        x = self._trunk(functional.relu(self.stem(unshuffle(inputs, *self.strides))))
        x = functional.relu(self.refine(x))
        keep, new = (shuffle(head(x), *self.strides) for head in (self.keep, self.new))
        translation = torch.addcmul(new, standard, torch.sigmoid(keep))
        if bound := self.config.bound:
            translation = bound * torch.tanh(translation / bound)
        log_mel = self.target_statistics(translation)
        return functional.leaky_relu(log_mel + 1.0, 0.05) - 1.0

    def _trunk(self, x: Tensor) -> Tensor:
        """Residual blocks over all mel bands of a position together."""
        y = x.permute(0, 2, 3, 1)
        shape = y.shape
        y = self.squeeze(self.squeeze_norm(y.flatten(2)))
        y = self.expand(self.trunk_norm(self.blocks(y)))
        return functional.relu(x + y.reshape(shape).permute(0, 3, 1, 2))
