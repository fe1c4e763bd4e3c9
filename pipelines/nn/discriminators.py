"""PatchGAN discriminators on log-mels that know which frequency they look at."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from pipelines.nn.blocks import MelEmbedding, register
from pipelines.nn.precision import EXACT


@register
class PatchDiscriminator(keras.Model):
    """Convolutions that judge patches of a log-mel (Isola et al. 2017).

    The first one shrinks it by 2 x 4, and each of `depth` more by 2 x 2.

    Called on log-mels [batch, frames, mels, 1]; returns the list of its layers' outputs, shallow to
    deep: features [batch, frames', mels', channels'], and last the logits [batch, frames', mels', 1].
    """

    def __init__(self, channels: int, depth: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": EXACT, **kwargs})
        self.channels, self.depth = channels, depth
        self.stem = layers.Conv2D(channels, (4, 8), strides=(2, 4), padding="same", name="stem")
        self.embedding = MelEmbedding(name="bands")
        self.steps = [
            layers.Conv2D(channels * min(2 ** (i + 1), 4), 4, strides=2, padding="same", name=f"step{i}")
            for i in range(depth)
        ]
        self.logits = layers.Conv2D(1, 3, padding="same", dtype=EXACT, name="logits")

    def call(self, x: Any) -> list[Any]:
        """Features of every layer, then the logits."""
        x = ops.leaky_relu(self.embedding(self.stem(x)), 0.2)
        outputs = [x]
        for step in self.steps:
            x = ops.leaky_relu(step(x), 0.2)
            outputs.append(x)
        return [*outputs, self.logits(x)]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"name": self.name, "channels": self.channels, "depth": self.depth}


@register
class MultiScaleDiscriminator(keras.Model):
    """The same patch judge at several resolutions (Wang et al. 2018, pix2pixHD).

    Each is the average of 2 x 2 of the one before.

    Called on log-mels [batch, frames, mels, 1]; returns one list as `PatchDiscriminator`'s per scale.
    """

    def __init__(self, channels: int, depth: int, scales: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": EXACT, **kwargs})
        self.channels, self.depth = channels, depth
        self.judges = [PatchDiscriminator(channels, depth, name=f"scale{i}") for i in range(scales)]
        self.shrink = layers.AveragePooling2D(2, name="shrink")

    def call(self, x: Any) -> list[list[Any]]:
        """Every scale's features and logits."""
        outputs = []
        for i, judge in enumerate(self.judges):
            x = self.shrink(x) if i else x
            outputs.append(judge(x))
        return outputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        scales = {"depth": self.depth, "scales": len(self.judges)}
        return {"name": self.name, "channels": self.channels, **scales}


def build_discriminator(
    channels: int, depth: int, scales: int, *, frames: int, mels: int, name: str
) -> MultiScaleDiscriminator:
    """A discriminator whose weights are there before its first step, so that a checkpoint finds them.

    Args:
        channels: see `PatchDiscriminator`.
        depth: likewise.
        scales: how many resolutions.
        frames: of a clip.
        mels: of a clip.
        name: of the network.
    """
    network = MultiScaleDiscriminator(channels, depth, scales, name=name)
    network(ops.zeros((1, frames, mels, 1)))
    return network


def logits_of(outputs: list[list[Any]]) -> list[Any]:
    """The logits of each scale."""
    return [scale[-1] for scale in outputs]


def features_of(outputs: list[list[Any]]) -> list[Any]:
    """Every hidden feature map, all scales, float32."""
    return [_exact(feature) for scale in outputs for feature in scale[:-1]]


def _exact(feature: Any) -> Any:
    return feature if feature.dtype == EXACT else ops.cast(feature, EXACT)
