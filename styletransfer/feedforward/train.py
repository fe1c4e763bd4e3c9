"""Trains a feed-forward network against the band's Gram matrices.

Presets: styletransfer_tiny (two cores, minutes).

    coverband train styletransfer --data data/ --workdir runs/mine
    coverband train styletransfer --data data/ --workdir runs/mine --set perceptual.style=transcriber
    coverband train styletransfer --data data/ --workdir runs/mine --set perceptual.style=discriminator \
        --set perceptual.discriminator=runs/vaegan
    coverband train styletransfer --data data/ --workdir runs/mine --resume
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from absl import flags

from pipelines import console
from pipelines.data.batching import unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.data.statistics import crops
from pipelines.training import flags as training_flags
from pipelines.training import launch
from pipelines.training.setup import Run
from styletransfer.feedforward import feature_networks, networks
from styletransfer.feedforward.config import Config
from styletransfer.feedforward.model import FeedForward
from transcriber.loaders import transcriber_of

flags.adopt_module_key_flags(training_flags)


def build(run: Run, corpus: Corpus) -> FeedForward:
    """Model of a run; a feature network that is trained first is stored in the run's folder."""
    config, clips = run.config, crops(corpus)
    features = _style(config, corpus, clips["band"], run.workdir.path)
    style = networks.standardised(features, clips["band"])
    model = FeedForward(config, _content(config, corpus, clips["band"]), style)
    model.set_statistics(clips)
    return model


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
        path = perceptual.discriminator
        discriminator = feature_networks.cached(
            folder, lambda: feature_networks.discriminator_of_run(path, spec)
        )
        return networks.features_of_discriminator(discriminator, spec)
    if perceptual.style == "classifier":
        return feature_networks.cached(folder, lambda: _classifier(config, corpus, band))
    return networks.build_bank(perceptual, spec, band)


def _classifier(config: Config, corpus: Corpus, band: np.ndarray) -> keras.Model:
    """Bank of filters of a domain classifier."""
    data, perceptual = config.data, config.perceptual
    bank = networks.build_bank(perceptual, config.spec, band)
    batches = unpaired_batches(
        corpus,
        frames=data.frames,
        batch_size=data.batch_size,
        seed=perceptual.seed,
        variants=False,  # or it would be trained to recognise augmented copies
    )
    feature_networks.train_classifier(networks.with_logits(bank), perceptual, batches)
    return bank


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    console.require_no_arguments(argv)
    launch.train(FeedForward, training_flags.parsed(), build=build)


if __name__ == "__main__":
    console.run(main)
