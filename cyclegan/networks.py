"""The generator: a log-mel in one band's sound to the same music in another's."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from cyclegan.config import GeneratorConfig
from pipelines.audio.spec import AudioSpec
from pipelines.nn.blocks import FrameLevel, LocalContrast, MelStandardize, PixelShuffle, PixelUnshuffle
from pipelines.nn.trunk import NORMS, residual_trunk

KERNEL = 3
_CONTRAST_GAIN = 5.0
"""Brings the contrast to a deviation of about one."""

_MOSTLY_KEPT = 2.0
"""Before the sigmoid."""


def build_generator(config: GeneratorConfig, spec: AudioSpec, name: str) -> keras.Model:
    """A 2-D / 1-D / 2-D network (Kaneko et al. 2019, CycleGAN-VC2) around "bands in the target's statistics".

    Untrained, it is an EQ match that also matches each band's spread; it learns how much of that to keep,
    and what to add. Normalisation is per position over channels; time is mixed by convolutions alone.

    Returns:
        A functional model, log-mel [batch, frames, n_mels, 1] -> the same shape; frames must be a
        multiple of `config.time_stride`.
    """
    source = keras.Input((None, spec.n_mels, 1), name="log_mel")
    standard = MelStandardize(name="source_statistics")(source)
    contrast = LocalContrast(config.contrast_width, _CONTRAST_GAIN, name="contrast")(source)
    # Contrast alone would make music of a reverberation's tail.
    seen = layers.Concatenate(name="seen")([contrast, FrameLevel(name="level")(standard)])
    folded = _fold(seen, config)
    x = _trunk(folded, config, spec)
    keep, new = _unfold(x, config)
    target = MelStandardize(invert=True, name="target_statistics")(standard * keep + new)
    return keras.Model(source, _leaky_floor(target), name=name)


def _fold(x: Any, config: GeneratorConfig) -> Any:
    """2-D: folds time and frequency into channels."""
    x = PixelUnshuffle(config.time_stride, config.mel_stride, name="fold")(x)
    return layers.Conv2D(config.channels, KERNEL, padding="same", activation="relu", name="stem")(x)


def _trunk(x: Any, config: GeneratorConfig, spec: AudioSpec) -> Any:
    """1-D: all bands of a position at once, residual convolutions along time, then 2-D beside the input."""
    bands, norm = spec.n_mels // config.mel_stride, NORMS[config.norm]
    y = layers.Reshape((-1, bands * config.channels), name="flatten")(x)
    y = layers.Dense(config.width, name="squeeze")(norm(name="squeeze_norm")(y))
    y = residual_trunk(y, [1] * config.blocks, KERNEL, config.norm)
    y = norm(name="trunk_norm")(y)
    y = layers.Dense(bands * config.channels, name="expand")(y)
    y = layers.Reshape((-1, bands, config.channels), name="unflatten")(y)
    return layers.ReLU(name="trunk")(x + y)


def _unfold(x: Any, config: GeneratorConfig) -> tuple[Any, Any]:
    """2-D, back to full resolution: the share of the input to keep (at first, most), what is new (none)."""
    x = layers.Conv2D(2 * config.channels, KERNEL, padding="same", activation="relu", name="refine")(x)
    keep = _full_resolution(x, config, "keep", _MOSTLY_KEPT)
    return keras.activations.sigmoid(keep), _full_resolution(x, config, "new", 0.0)


def _full_resolution(x: Any, config: GeneratorConfig, name: str, start: float) -> Any:
    """One map [batch, frames, n_mels, 1] that is `start` everywhere until it is trained."""
    bias = keras.initializers.Constant(start)
    fold = config.time_stride * config.mel_stride
    x = layers.Conv2D(
        fold, KERNEL, padding="same", kernel_initializer="zeros", bias_initializer=bias, name=name
    )(x)
    return PixelShuffle(config.time_stride, config.mel_stride, name=f"{name}_unfold")(x)


def _leaky_floor(x: Any) -> Any:
    """Keeps log-mels from falling far below silence (-1), with a slope that lets them come back."""
    return keras.activations.leaky_relu(x + 1.0, 0.05) - 1.0


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
    return layers.UnitNormalization(name=f"{name}_unit")(layers.Dense(width, name=f"{name}_out")(x))


def context_frames(config: GeneratorConfig) -> int:
    """Frames on either side that an output frame can depend on, a multiple of the time stride.

    One folded position for each convolution: stem, trunk, refine and the last; and what lies beside the
    frame in its own.
    """
    return config.time_stride * (config.blocks + 4)
