"""Velocity network of a flow, and the translator that integrates it."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import layers, ops

from pipelines.audio.spec import AudioSpec
from pipelines.nn.blocks import Bound, MelStandardize, PixelShuffle, PixelUnshuffle
from pipelines.nn.frame_packing import folded, unfolded
from pipelines.nn.position_noise import PositionNoise
from pipelines.nn.precision import EXACT
from pipelines.nn.source_view import SMOOTHING
from pipelines.nn.translator_card import FIRST_FRAME
from pipelines.nn.trunk import residual_trunk
from transcriber.content import features, view_size
from transcriber.flow_decoder.config import NetworkConfig

KERNEL = 5
_KERNEL_2D, _PACK = 3, 2
_FREQUENCIES = 4
"""Number of the sines of the time, each of twice the frequency of the one before."""


def build_velocity(config: NetworkConfig, spec: AudioSpec) -> keras.Model:
    """Velocity of a state of the flow: 1-D convolutions along time, and 2-D ones at full resolution.

    A trunk that is narrower than a position's bands cannot pass on texture, which differs in every band and
    frame; the 2-D part reads the state itself.

    Returns:
        A functional model, [content [batch, frames, view_size, 1], state [batch, frames, n_mels, 1], time
        [batch]] -> velocity of the state's shape. The state is in deviations of the band, at time 0 noise
        and at time 1 a log-mel.
    """
    mels, stride = spec.n_mels, config.time_stride
    content = keras.Input((None, view_size(mels), 1), name="content")
    state = keras.Input((None, mels, 1), name="state")
    time = keras.Input((), name="time")
    moment = _sines(time)
    x = layers.Conv1D(config.width, KERNEL, padding="same", name="stem")(
        folded(features(content, mels), stride)
    )
    y = layers.Reshape((-1, mels * stride), name="state_positions")(
        PixelUnshuffle(stride, 1, name="fold_state")(state)
    )
    x = x + layers.Dense(config.width, name="state_stem")(y)
    x = x + layers.Dense(config.width, name="moment")(moment)[:, None]
    x = residual_trunk(x, [1] * config.blocks, KERNEL)
    x = layers.LayerNormalization(name="last_norm")(x)
    x = unfolded(layers.Dense(mels * stride, name="out")(x), mels, stride)
    velocity = x + _texture(layers.Concatenate(name="textured")([x, state]), moment, config)
    return keras.Model(
        [content, state, time], layers.Identity(dtype=EXACT, name="velocity")(velocity), name="velocity"
    )


def _sines(time: Any) -> Any:
    """Sines and cosines of a time, [batch] -> [batch, 2 * _FREQUENCIES]."""
    angles = ops.stack([math.pi * 2.0**i * time for i in range(_FREQUENCIES)], axis=-1)
    return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)


def _texture(x: Any, moment: Any, config: NetworkConfig) -> Any:
    """2-D convolutions, [batch, frames, mels, 2] -> [batch, frames, mels, 1]; at first 0."""
    x = PixelUnshuffle(_PACK, _PACK, name="pack")(x)
    for i in range(config.layers):
        y = layers.Conv2D(config.channels, _KERNEL_2D, padding="same", name=f"texture{i}")(x)
        y = y + layers.Dense(config.channels, name=f"texture{i}_moment")(moment)[:, None, None]
        x = layers.ReLU(name=f"texture{i}_relu")(y) + (x if i else 0.0)
    x = layers.Conv2D(_PACK**2, _KERNEL_2D, padding="same", kernel_initializer="zeros", name="texture")(x)
    return PixelShuffle(_PACK, _PACK, name="unpack")(x)


def build_translator(
    view_encoder: keras.Model, velocity: keras.Model, config: NetworkConfig, spec: AudioSpec
) -> keras.Model:
    """Translator, see `pipelines.nn.translator.translate`: noise, carried along the flow of a content.

    Euler's method (Lipman et al. 2023, "Flow matching for generative modeling", section 4).

    Args:
        view_encoder: log-mel and closeness -> content, see `transcriber.content.build_view_encoder`; its
            layers and those of the velocity are shared.
        velocity: see `build_velocity`.
        config: of the velocity.
        spec: of the log-mels.

    Returns:
        A functional model of log-mel, closeness and first frame.
    """
    log_mel, closeness = view_encoder.inputs
    first_frame = keras.Input((), dtype="int32", name=FIRST_FRAME)
    noise = PositionNoise(spec.n_mels, name="noise")([log_mel, first_frame])
    state = layers.Reshape((-1, spec.n_mels, 1), dtype=EXACT, name="start")(noise)
    for step in range(config.steps):
        time = ops.zeros_like(closeness) + step / config.steps
        state = state + velocity([view_encoder.output, state, time]) / config.steps
    bounded = Bound(config.bound, name="bound")(state)
    translation = MelStandardize(invert=True, name="band_statistics")(bounded)
    return keras.Model([log_mel, closeness, first_frame], translation, name="translator")


def context_frames(config: NetworkConfig, transcriber: int) -> int:
    """Frames on either side that an output frame can depend on.

    Args:
        config: of the velocity.
        transcriber: the transcriber's own context.
    """
    unit = max(config.time_stride, _PACK)
    stem = config.time_stride * (KERNEL // 2)
    reaches = (stem * config.blocks, _PACK * (_KERNEL_2D // 2) * (config.layers + 1))
    # Positions of both parts begin at multiples of the larger one's frames.
    step = sum(-(-reach // unit) * unit for reach in reaches)
    return transcriber + SMOOTHING + stem + config.steps * step + unit
