"""The transcriber's train step in PyTorch, see `transcriber.model.TranscriberModel.train_step`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pipelines.audio.spec import AudioSpec
from pipelines.nn.pitch_axis import BINS, PITCHES, interpolation
from tools.benchmarks.pytorch import diff_augment
from tools.benchmarks.pytorch.blocks import (
    LAYER_EPSILON,
    Conv,
    Embedding,
    Standardize,
    Trunk,
    contrast,
    unshuffle,
)
from tools.benchmarks.pytorch.learning import Average, Descent
from tools.benchmarks.pytorch.weights import load
from transcriber.augment import LABELS
from transcriber.config import AugmentConfig, NetworkConfig
from transcriber.piano_roll import DRUM_CLASSES

_KERNEL = 3
_CONTRAST_GAIN = 5.0


def step(model: Any, batch: Mapping[str, np.ndarray]) -> Callable[[], float]:
    """One step of the network.

    Args:
        model: `transcriber.model.TranscriberModel`.
        batch: "log_mel" [batch, frames, n_mels, 1] and the labels of transcriber/piano_roll.py.
    """
    config, spec = model.config, model.config.spec
    network = load(Transcriber(config.network, spec), model.network)
    descend, average = Descent(model.adam, network), Average(network, config.optimizer.average)
    lessons = {name: torch.from_numpy(batch[name]) for name in LABELS}
    log_mel = torch.from_numpy(batch["log_mel"][..., 0])[:, None]
    rarity = {"onset": torch.tensor(config.loss.onset_rarity)}

    def train() -> float:
        heard, labels = augmented(spec, log_mel, lessons, config.augment)
        logits = network(heard)
        loss = torch.zeros(())
        for name in LABELS:
            entropy = functional.binary_cross_entropy_with_logits(
                logits[name], labels[name], pos_weight=rarity.get(name)
            )
            loss = loss + getattr(config.loss, name) * entropy
        descend(loss)
        average.follow()
        return loss.item()

    return train


class PitchAxis(nn.Module):
    """`pipelines.nn.pitch_axis.PitchAxis`: [batch, c, frames, mels] -> [batch, harmonics * c, ...]."""

    def __init__(self, harmonics: tuple[float, ...], spec: AudioSpec) -> None:
        super().__init__()
        self.count = len(harmonics)
        matrix = np.concatenate([interpolation(spec, each) for each in harmonics], axis=1)
        self.matrix = torch.from_numpy(matrix)

    def forward(self, x: Tensor) -> Tensor:
        """One matrix product."""
        batch, channels, frames, mels = x.shape
        rows = x.permute(0, 2, 1, 3).reshape(-1, mels)
        read = (rows @ self.matrix).view(batch, frames, channels, self.count, -1).permute(0, 1, 4, 3, 2)
        return read.reshape(batch, frames, PITCHES * BINS, self.count * channels).permute(0, 3, 1, 2)


class Maps(NamedTuple):
    """Feature maps of a transcriber, from which its output heads compute the logits.

    Attributes:
        keys: of every pitch alone, [batch, channels, positions, PITCHES].
        trunk: of all pitches together, [batch, positions, width].
        refined: of every pitch in the context of all others, shaped as `keys`.
    """

    keys: Tensor
    trunk: Tensor
    refined: Tensor


class Hearing(nn.Module):
    """Feature extractor of a transcriber, without heads: log-mel [batch, 1, frames, mels] -> `Maps`."""

    def __init__(self, config: NetworkConfig, spec: AudioSpec) -> None:
        super().__init__()
        self.config, channels = config, config.channels
        stride, flat = config.time_stride, PITCHES * channels
        self.statistics = Standardize(spec.n_mels)
        self.harmonics = PitchAxis(config.harmonics, spec)
        self.stem = Conv(2 * stride * len(config.harmonics), channels, _KERNEL, bias=False)
        self.pitch_embedding = Embedding(PITCHES * BINS, channels)
        self.stem_norm, self.keys_norm = (nn.LayerNorm(channels, eps=LAYER_EPSILON) for _ in range(2))
        self.keys = Conv(channels, channels, (_KERNEL, _KERNEL + 1), (1, 2))
        self.squeeze = nn.Linear(flat, config.width)
        self.blocks = Trunk(config.width, config.dilations, _KERNEL)
        self.trunk_norm = nn.LayerNorm(config.width, eps=LAYER_EPSILON)
        self.spread = nn.Linear(config.width, flat // 2)
        self.refine = Conv(channels + channels // 2, channels, _KERNEL)

    def maps(self, log_mel: Tensor) -> Maps:
        """Hears."""
        config = self.config
        seen = [self.statistics(log_mel), contrast(log_mel, config.contrast_width, _CONTRAST_GAIN)]
        x = self.harmonics(unshuffle(torch.cat(seen, 1), config.time_stride, 1))
        x = _normed(self.stem_norm, functional.relu(self.pitch_embedding(self.stem(x))))
        keys = _normed(self.keys_norm, functional.relu(self.keys(x)))
        flat = keys.permute(0, 2, 3, 1).flatten(2)
        trunk = self.trunk_norm(self.blocks(self.squeeze(flat)))
        spread = self.spread(trunk).unflatten(2, (PITCHES, -1)).permute(0, 3, 1, 2)
        refined = functional.relu(self.refine(torch.cat([keys, spread], 1)))
        return Maps(keys, trunk, refined)


class Transcriber(Hearing):
    """`transcriber.networks.build_network`: log-mel [batch, 1, frames, mels] -> logits by name."""

    def __init__(self, config: NetworkConfig, spec: AudioSpec) -> None:
        super().__init__(config, spec)
        self.sounding_logits, self.onset_logits = (
            Conv(config.channels, config.time_stride, _KERNEL) for _ in range(2)
        )
        self.drum_logits = nn.Linear(config.width, config.time_stride * len(DRUM_CLASSES))

    def forward(self, log_mel: Tensor) -> dict[str, Tensor]:
        """Hears."""
        maps = self.maps(log_mel)
        batch, frames = log_mel.shape[0], log_mel.shape[2]
        heads = {"sounding": self.sounding_logits, "onset": self.onset_logits}
        notes = {
            name: head(maps.refined).transpose(1, 2).reshape(batch, frames, PITCHES)
            for name, head in heads.items()
        }
        return notes | {"drums": self.drum_logits(maps.trunk).view(batch, frames, -1)}


def config_of(network: Any) -> NetworkConfig:
    """The sizes of a Keras network that has a transcriber's layers."""
    layers = {layer.name: layer for layer in network.layers}
    dilations = [
        layer.dilation_rate[0]
        for name, layer in layers.items()
        if name.startswith("block") and name.endswith("_conv")
    ]
    return NetworkConfig(
        harmonics=layers["harmonics"].harmonics,
        channels=layers["stem"].filters,
        width=layers["squeeze"].units,
        dilations=tuple(dilations),
        contrast_width=layers["contrast"].width,
        time_stride=layers["fold"].frames,
    )


def _normed(norm: nn.Module, x: Tensor) -> Tensor:
    """Over the channels of a channels_last map."""
    normed: Tensor = norm(x.permute(0, 2, 3, 1))
    return normed.permute(0, 3, 1, 2)


def augmented(
    spec: AudioSpec, log_mel: Tensor, labels: Mapping[str, Tensor], config: AugmentConfig
) -> tuple[Tensor, dict[str, Tensor]]:
    """See `transcriber.augment.augmented`; log-mels [batch, 1, frames, mels]."""
    chance = diff_augment.per_clip(log_mel) < config.mix
    heard = torch.where(chance, _sum(spec, log_mel, log_mel.roll(1, 0)), log_mel)
    notes = {
        name: torch.where(chance[:, 0], each.maximum(each.roll(1, 0)), each) for name, each in labels.items()
    }
    heard = diff_augment.equalize(heard, config.equalizer, config.knots)
    heard = diff_augment.noise(diff_augment.gain(heard, config.gain), config.noise)
    return heard.clamp(-1.0, 1.0), notes


def _sum(spec: AudioSpec, one: Tensor, other: Tensor) -> Tensor:
    """Of energies."""
    floor, half = math.log(spec.floor), math.log(spec.ceiling / spec.floor) / 2
    both = torch.hypot(*(torch.exp((x + 1) * half + floor) for x in (one, other)))
    return ((both.clamp_min(spec.floor).log() - floor) / half - 1).clamp_min(-1.0)
