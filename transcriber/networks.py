"""Transcription network: log-mel to the logits of notes, onsets and drums."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn.blocks import LocalContrast, MelEmbedding, MelStandardize, PixelUnshuffle
from pipelines.nn.pitch_axis import PitchAxis
from pipelines.nn.pitches import PITCHES
from pipelines.nn.precision import EXACT
from pipelines.nn.trunk import residual_trunk
from transcriber.network_config import CONTRAST_GAIN, NetworkConfig
from transcriber.piano_roll import DRUM_CLASSES

KERNEL = 3
_RARE = -3.0
"""Initial logit: most pitches are silent most of the time."""


def build_network(config: NetworkConfig, spec: AudioSpec) -> keras.Model:
    """Network of harmonics stacked on a pitch axis, 2-D convolutions and a 1-D trunk over all pitches.

    The harmonic stacking is that of Bittner et al. 2017, "Deep salience representations for F0 estimation in
    polyphonic music", section 3.1, on a mel spectrum in place of the constant-Q one. Normalisation is per
    position over channels; time is mixed by convolutions alone.

    Returns:
        A functional model, log-mel [batch, frames, n_mels, 1] -> logits: "sounding" and "onset"
        [batch, frames, PITCHES], "drums" [batch, frames, len(DRUM_CLASSES)]; frames must be a multiple of
        `config.time_stride`.
    """
    log_mel = keras.Input((None, spec.n_mels, 1), name="log_mel")
    pitches = _pitches(_seen(log_mel, config), config, spec)
    trunk = _trunk(pitches, config)
    return keras.Model(log_mel, _heads(pitches, trunk, config), name="transcriber")


def _seen(log_mel: Any, config: NetworkConfig) -> Any:
    standard = MelStandardize(name="statistics")(log_mel)
    contrast = LocalContrast(config.contrast_width, CONTRAST_GAIN, name="contrast")(log_mel)
    seen = layers.Concatenate(name="seen")([standard, contrast])
    return PixelUnshuffle(config.time_stride, 1, name="fold")(seen)


def _pitches(x: Any, config: NetworkConfig, spec: AudioSpec) -> Any:
    """2-D part, [batch, positions, PITCHES, channels], with the same weights for every pitch."""
    x = PitchAxis(spec, config.harmonics, name="harmonics")(x)
    x = layers.Conv2D(config.channels, KERNEL, padding="same", use_bias=False, name="stem")(x)
    x = layers.ReLU(name="stem_relu")(MelEmbedding(name="pitch_embedding")(x))
    x = layers.LayerNormalization(name="stem_norm")(x)
    # From half semitones to semitones.
    x = layers.Conv2D(config.channels, (KERNEL, KERNEL + 1), (1, 2), "same", activation="relu", name="keys")(
        x
    )
    return layers.LayerNormalization(name="keys_norm")(x)


def _trunk(x: Any, config: NetworkConfig) -> Any:
    """1-D trunk over all pitches, residual convolutions along time: [batch, positions, width]."""
    y = layers.Reshape((-1, PITCHES * config.channels), name="flatten")(x)
    y = layers.Dense(config.width, name="squeeze")(y)
    y = residual_trunk(y, config.dilations, KERNEL)
    return layers.LayerNormalization(name="trunk_norm")(y)


def _heads(pitches: Any, trunk: Any, config: NetworkConfig) -> dict[str, Any]:
    spread = layers.Dense(PITCHES * config.channels // 2, name="spread")(trunk)
    spread = layers.Reshape((-1, PITCHES, config.channels // 2), name="unflatten")(spread)
    x = layers.Concatenate(name="both")([pitches, spread])
    x = layers.Conv2D(config.channels, KERNEL, padding="same", activation="relu", name="refine")(x)
    drums = layers.Dense(
        config.time_stride * len(DRUM_CLASSES), bias_initializer=_rare(), dtype=EXACT, name="drum_logits"
    )
    return {
        "sounding": _head(x, config, "sounding"),
        "onset": _head(x, config, "onset"),
        "drums": layers.Reshape((-1, len(DRUM_CLASSES)), dtype=EXACT, name="drums")(drums(trunk)),
    }


def _head(x: Any, config: NetworkConfig, name: str) -> Any:
    """Logits of the frames of every position, [batch, frames, PITCHES]."""
    logits = layers.Conv2D(
        config.time_stride,
        KERNEL,
        padding="same",
        bias_initializer=_rare(),
        dtype=EXACT,
        name=f"{name}_logits",
    )(x)
    frames_first = layers.Permute((1, 3, 2), dtype=EXACT, name=f"{name}_frames")(logits)
    return layers.Reshape((-1, PITCHES), dtype=EXACT, name=name)(frames_first)


def _rare() -> keras.initializers.Initializer:
    return keras.initializers.Constant(_RARE)
