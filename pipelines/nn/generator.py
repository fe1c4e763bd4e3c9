"""The generator: a log-mel in one band's sound to the same music in another's."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

import keras
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn.blocks import Bound, FrameLevel, LocalContrast, MelStandardize, PixelShuffle, PixelUnshuffle
from pipelines.nn.trunk import NORMS, residual_trunk

KERNEL = 3
_CONTRAST_GAIN = 5.0
"""Brings the contrast to a deviation of about one."""

_MOSTLY_KEPT = 2.0
"""Before the sigmoid."""


@dataclasses.dataclass(frozen=True)
class GeneratorConfig:
    """Sizes of the translating network.

    Attributes:
        channels: width of its 2-D parts.
        width: width of its 1-D trunk.
        blocks: residual blocks of the trunk.
        norm: of the trunk, at every position over its channels: "layer", "rms" or "none".
        contrast_width: mel bands around each to which the network's input compares it.
        time_stride: frames folded into one position; translation works in multiples of it.
        mel_stride: mel bands folded into one position.
        bound: limit of the output's deviation from the target's mean, in its standard deviations; 0 for none.
    """

    channels: int = 32
    width: int = 320
    blocks: int = 4
    norm: Literal["layer", "rms", "none"] = "layer"
    contrast_width: int = 33
    time_stride: int = 4
    mel_stride: int = 4
    bound: float = 0.0

    def require_whole(self, frames: int, n_mels: int) -> None:
        """Raises ValueError if a clip of so many frames and mel bands does not divide into positions."""
        if frames % (stride := self.time_stride):
            raise ValueError(f"data.frames must be a multiple of generator.time_stride, {stride}")
        if n_mels % (stride := self.mel_stride):
            raise ValueError(f"the spec's n_mels must be a multiple of generator.mel_stride, {stride}")


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
    translation = standard * keep + new
    if config.bound:
        translation = Bound(config.bound, name="bound")(translation)
    target = MelStandardize(invert=True, name="target_statistics")(translation)
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


def context_frames(config: GeneratorConfig) -> int:
    """Frames on either side that an output frame can depend on, a multiple of the time stride.

    One folded position for each convolution: stem, trunk, refine and the last; and what lies beside the
    frame in its own.
    """
    return config.time_stride * (config.blocks + 4)
