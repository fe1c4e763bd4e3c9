"""Feature networks of perceptual losses, in float32: log-mel -> maps of several layers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.data.statistics import mel_statistics
from pipelines.nn.blocks import MelStandardize
from pipelines.nn.discriminators import MultiScaleDiscriminator, features_of
from pipelines.nn.precision import EXACT, computing_in
from styletransfer.feedforward.config import PerceptualConfig

CONTENT_LAYERS = ("keys_norm", "refine")
"""Hidden layers of the transcriber that represent the content: of a pitch alone, and of all pitches."""

TRUNK = "trunk_norm"
"""Layer of the transcriber's trunk, over all pitches."""

_BEAT = 4
"""Positions over which the second of the transcriber's maps is averaged: a tenth of a second."""

_LEAST_SHARE = 0.1
"""Smallest variance that a feature is divided by, as a share of its layer's mean; for silence."""

_AT_ONCE = 16
"""Clips."""


@computing_in(EXACT)
def build_bank(config: PerceptualConfig, spec: AudioSpec, band: np.ndarray) -> keras.Model:
    """Rectified random filters over time with all mel bands as channels, as DeepMix has them.

    Args:
        config: says how many, how wide, and the seed.
        spec: of the log-mels.
        band: clips, [clips, frames, n_mels, 1]; their spread is the filters' unit.

    Returns:
        A functional model, log-mel -> of each width [batch, frames - width + 1, 1, filters].
    """
    log_mel = keras.Input((None, spec.n_mels, 1), name="log_mel")
    statistics = MelStandardize(name="band_statistics")
    frames = layers.Reshape((-1, spec.n_mels), name="frames")(statistics(log_mel))
    statistics.set_statistics(*mel_statistics(band))
    maps = [_filtered(frames, width, config) for width in config.widths]
    return keras.Model(log_mel, maps, name="bank")


def _filtered(frames: Any, width: int, config: PerceptualConfig) -> Any:
    weights = keras.initializers.HeNormal(seed=config.seed + width)
    x = layers.Conv1D(
        config.filters, width, activation="relu", kernel_initializer=weights, name=f"width{width}"
    )(frames)
    return layers.Reshape((-1, 1, config.filters), name=f"map{width}")(x)


@computing_in(EXACT)
def with_logits(bank: keras.Model) -> keras.Model:
    """A bank, whose layers are shared, with one logit for every position of each map."""
    logits = [layers.Dense(1, name=f"logits{i}")(x) for i, x in enumerate(bank.outputs)]
    return keras.Model(bank.input, logits, name="classifier")


@computing_in(EXACT)
def features_of_discriminator(judge: MultiScaleDiscriminator, spec: AudioSpec) -> keras.Model:
    """Every hidden layer of every scale of a judge of patches, [batch, frames', frequencies', channels']."""
    log_mel = keras.Input((None, spec.n_mels, 1), name="log_mel")
    return keras.Model(log_mel, features_of(judge(log_mel)), name="judge_features")


@computing_in(EXACT)
def content_of_transcriber(network: keras.Model) -> keras.Model:
    """The transcriber's hidden layers, [batch, positions, pitches, channels] each."""
    outputs = [network.get_layer(name).output for name in CONTENT_LAYERS]
    return frozen(keras.Model(network.input, outputs, name="content_features"))


@computing_in(EXACT)
def style_of_transcriber(network: keras.Model, stride: int) -> keras.Model:
    """Feature network of style: the log-mel concatenated with the transcriber's features of all pitches.

    Their joint Gram matrix says which spectrum sounds with which notes.

    Args:
        network: see `transcriber.networks.build_network`.
        stride: its frames of a position.

    Returns:
        A functional model, log-mel -> [batch, positions, 1, channels], and the same averaged over a beat.
    """
    log_mel = network.input
    spectrum = layers.Reshape((-1, stride * log_mel.shape[2]), name="spectrum")(log_mel)
    both = layers.Concatenate(name="both_maps")([spectrum, network.get_layer(TRUNK).output])
    joint = layers.Reshape((-1, 1, both.shape[-1]), name="joint")(both)
    beat = layers.AveragePooling2D((_BEAT, 1), name="beat")(joint)
    return keras.Model(log_mel, [joint, beat], name="transcriber_style")


def frozen(network: keras.Model) -> keras.Model:
    """The network, whose weights no optimizer will change."""
    network.trainable = False
    return network


@computing_in(EXACT)
def standardised(network: keras.Model, log_mels: np.ndarray) -> keras.Model:
    """Feature network with standardised outputs, by the statistics of given clips per frequency; frozen.

    Otherwise the loudest channel dominates the Gram matrices.

    Args:
        network: log-mel -> feature maps.
        log_mels: clips, [clips, frames, n_mels, 1].
    """
    outputs = [
        layers.Normalization(axis=(2, 3), mean=mean, variance=variance, name=f"standard{i}")(x)
        for i, (x, (mean, variance)) in enumerate(
            zip(network.outputs, moments(network, log_mels), strict=True)
        )
    ]
    return frozen(keras.Model(network.input, outputs, name=f"standard_{network.name}"))


def moments(network: keras.Model, log_mels: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Mean and floored variance of every feature over clips and time, [frequencies, channels] each."""
    sums: list[Any] = [0.0] * len(network.outputs)
    squares: list[Any] = [0.0] * len(network.outputs)
    for batch in (log_mels[i : i + _AT_ONCE] for i in range(0, len(log_mels), _AT_ONCE)):
        share = len(batch) / len(log_mels)
        for i, x in enumerate(network(batch, training=False)):
            found = np.asarray(x, np.float64)
            sums[i] += share * found.mean((0, 1))
            squares[i] += share * np.square(found).mean((0, 1))
    return [(mean, _floored(square - mean**2)) for mean, square in zip(sums, squares, strict=True)]


def _floored(variance: np.ndarray) -> np.ndarray:
    return np.maximum(variance, _LEAST_SHARE * variance.mean())
