"""Patch encoder of PatchNCE: embeds patches of translations and of their sources for comparison."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from pipelines.nn.precision import EXACT


def build_patch_encoder(generator: keras.Model, width: int = 64) -> keras.Model:
    """The first half of a generator, and on it the heads that PatchNCE compares patches by.

    Args:
        generator: shares its layers with the result.
        width: of the heads, each a perceptron of two layers.

    Returns:
        A functional model, log-mel [batch, frames, n_mels, 1] -> a list of unit vectors
        [batch, patches, width], of the stem and of the trunk.
    """
    features = [generator.get_layer(name).output for name in ("stem", "trunk")]
    heads = [_patch_head(x, width, f"{generator.name}_patches{i}") for i, x in enumerate(features)]
    return keras.Model(generator.input, heads, name=f"{generator.name}_patches")


def _patch_head(x: Any, width: int, name: str) -> Any:
    x = layers.Reshape((-1, x.shape[-1]), name=f"{name}_flatten")(x)
    x = layers.Dense(width, activation="relu", name=f"{name}_hidden")(x)
    x = layers.Dense(width, name=f"{name}_out")(x)
    return layers.UnitNormalization(dtype=EXACT, name=f"{name}_unit")(x)
