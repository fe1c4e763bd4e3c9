"""From log-mels to positions of a 1-D trunk and back: some frames side by side, bands as channels."""

from __future__ import annotations

from typing import Any

from keras import layers

from pipelines.nn.blocks import MelStandardize, PixelShuffle, PixelUnshuffle


def folded(x: Any, stride: int) -> Any:
    """[batch, frames, numbers, 1] -> [batch, frames / stride, stride * numbers]."""
    folded = PixelUnshuffle(stride, 1, name="fold")(x)
    return layers.Reshape((-1, x.shape[2] * stride), name="flatten")(folded)


def unfolded(x: Any, mels: int, stride: int) -> Any:
    """[batch, positions, mels * stride] -> [batch, positions * stride, mels, 1]."""
    return PixelShuffle(stride, 1, name="unfold")(layers.Reshape((-1, mels, stride), name="bands")(x))


def log_mel_of(x: Any, mels: int, stride: int, statistics: str) -> Any:
    """Last layers of a decoder: unpacks positions, and undoes the domain's standardisation.

    Args:
        x: [batch, positions, mels * stride].
        mels: bands.
        stride: frames of a position.
        statistics: name of the layer that holds the domain's mean and deviation, see `MelStandardize`.

    Returns:
        Log-mel [batch, positions * stride, mels, 1].
    """
    return MelStandardize(invert=True, name=statistics)(unfolded(x, mels, stride))
