"""Residual convolutions along time, normalised position by position: the trunk that the families share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import layers

NORMS = {"layer": layers.LayerNormalization, "rms": layers.RMSNormalization, "none": layers.Identity}


def residual_trunk(
    x: Any, dilations: Sequence[int], kernel: int, norm: str = "layer", style: Any = None
) -> Any:
    """One block for each dilation: normalise, convolve along time, rectify, mix channels, add.

    Statistics over time would make windows sound unlike the whole song.

    Args:
        x: [batch, positions, width].
        dilations: in positions; a block sees dilation * (kernel // 2) of them on either side.
        kernel: of the convolutions.
        norm: a key of NORMS, over the channels of each position.
        style: [batch, positions, numbers]; scales and shifts what each block has normalised (Perez et al.
            2018, "FiLM: visual reasoning with a general conditioning layer", equation 2).

    Returns:
        The same shape.
    """
    width = x.shape[-1]
    for i, dilation in enumerate(dilations):
        y = NORMS[norm](name=f"block{i}_norm")(x)
        if style is not None:
            scale = layers.Dense(width, kernel_initializer="zeros", name=f"block{i}_scale")(style)
            y = y * (1.0 + scale) + layers.Dense(width, name=f"block{i}_shift")(style)
        y = layers.Conv1D(width, kernel, 1, "same", dilation_rate=dilation, name=f"block{i}_conv")(y)
        y = layers.ReLU(name=f"block{i}_relu")(y)
        x = x + layers.Dense(width, name=f"block{i}_out")(y)
    return x
