"""The correcting network: ConvNeXt blocks at frame rate, after Vocos (Siuzdak 2023)."""

from __future__ import annotations

import keras
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn.convnext import convnext_block
from pipelines.nn.neural_vocoder.signal import correction_width, feature_width
from pipelines.nn.precision import EXACT
from vocoder.config import NetworkConfig


def build_network(config: NetworkConfig, spec: AudioSpec, name: str) -> keras.Model:
    """Stem, blocks, head; normalised frame by frame, so that windows join exactly.

    The head is initialised to zero, so that an untrained vocoder leaves its input unchanged.

    Returns:
        A functional model, [batch, frames, feature_width] -> [batch, frames, correction_width].
    """
    bins = phase_bins(config, spec)
    seen = keras.Input((None, feature_width(spec, bins)), name="seen")
    x = layers.Dense(config.width, name="stem")(seen)
    x = layers.LayerNormalization(epsilon=1e-6, name="stem_norm")(x)
    for i in range(config.blocks):
        x = convnext_block(
            x,
            config.kernel,
            config.expansion,
            causal=config.causal,
            scale=config.layer_scale,
            name=f"block{i}",
        )
    x = layers.LayerNormalization(epsilon=1e-6, name="last_norm")(x)
    width = correction_width(spec, bins)
    correction = layers.Dense(width, kernel_initializer="zeros", dtype=EXACT, name="head")(x)
    return keras.Model(seen, correction, name=name)


def phase_bins(config: NetworkConfig, spec: AudioSpec) -> int:
    """Number of bins, from the lowest on, whose phases the network takes as input and corrects."""
    return min(config.phase_bins, spec.n_bins)


def context_frames(config: NetworkConfig) -> int:
    """Frames on either side that a correction can depend on; one of them for the phases' advance."""
    past = config.kernel - 1 if config.causal else config.kernel // 2
    return config.blocks * past + 1
