"""Trains a feed-forward network against the band's Gram matrices.

Presets: styletransfer_tiny (two cores, minutes).

    coverband train styletransfer --data data/ --workdir runs/mine
    coverband train styletransfer --data data/ --workdir runs/mine --set perceptual.style=transcriber
    coverband train styletransfer --data data/ --workdir runs/mine --set perceptual.style=discriminator \
        --set perceptual.judge=runs/vaegan
    coverband train styletransfer --data data/ --workdir runs/mine --resume
"""

from __future__ import annotations

import functools
from pathlib import Path

import keras
import numpy as np
from absl import flags

from pipelines import console
from pipelines.data.batching import unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.data.statistics import training_crops
from pipelines.training import flags as training_flags
from pipelines.training import launch
from styletransfer.feedforward import feature_networks, networks
from styletransfer.feedforward.config import Config
from styletransfer.feedforward.model import FeedForward
from styletransfer.feedforward.presets import PRESETS
from transcriber.loaders import transcriber_of


def build(config: Config, corpus: Corpus, *, folder: Path) -> FeedForward:
    """A network and what judges it; a judge that has to be taught is kept in the run's folder."""
    drawn = training_crops(corpus)
    style = networks.standardised(_style(config, corpus, drawn["band"], folder), drawn["band"])
    return FeedForward(config, _content(config, corpus, drawn["band"]), style, drawn)


def _content(config: Config, corpus: Corpus, band: np.ndarray) -> keras.Model:
    if config.perceptual.content == "random":
        return networks.frozen(networks.build_bank(config.perceptual, config.spec, band))
    return networks.content_of_transcriber(transcriber_of(corpus).network)


def _style(config: Config, corpus: Corpus, band: np.ndarray, folder: Path) -> keras.Model:
    """Log-mel -> feature maps."""
    perceptual, spec = config.perceptual, config.spec
    if perceptual.style == "transcriber":
        transcriber = transcriber_of(corpus)
        return networks.style_of_transcriber(transcriber.network, transcriber.config.time_stride)
    if perceptual.style == "discriminator":
        judge = feature_networks.kept(folder, lambda: feature_networks.of_run(perceptual.judge, spec))
        return networks.features_of_judge(judge, spec)
    if perceptual.style == "classifier":
        return feature_networks.kept(folder, lambda: _classifier(config, corpus, band))
    return networks.build_bank(perceptual, spec, band)


def _classifier(config: Config, corpus: Corpus, band: np.ndarray) -> keras.Model:
    """A bank of filters that have learnt to tell the domains apart."""
    data, perceptual = config.data, config.perceptual
    bank = networks.build_bank(perceptual, config.spec, band)
    batches = unpaired_batches(
        corpus,
        frames=data.frames,
        batch_size=data.batch_size,
        seed=perceptual.seed,
        augmented_copies=False,  # or it would learn to hear that a recording was altered
    )
    feature_networks.taught(networks.with_logits(bank), perceptual, batches)
    return bank


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    parsed = training_flags.read(values)
    made = functools.partial(build, folder=parsed.workdir)
    launch.run(launch.Family("styletransfer", PRESETS, made), parsed)


if __name__ == "__main__":
    console.run(main)
