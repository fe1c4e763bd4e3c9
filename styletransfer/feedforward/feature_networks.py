"""Trained feature networks of style: a domain classifier trained here, or another run's discriminator."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.data.batching import unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.errors import UserError
from pipelines.inference.model_folders import trained_folder
from pipelines.nn.precision import EXACT, computing_in
from pipelines.nn.translator import load_discriminator
from styletransfer.feedforward import networks
from styletransfer.feedforward.config import Config, PerceptualConfig
from transcriber.loaders import transcriber_of

FILE = "feature_network.keras"


@computing_in(EXACT)
def cached(folder: Path | None, make: Callable[[], keras.Model]) -> keras.Model:
    """Network of a run's folder; made and stored there when the run begins, or only made without a folder."""
    if folder is None:
        return make()
    path = folder / FILE
    if not path.is_file():
        draft = folder / f"new.{FILE}"
        make().save(draft)
        os.replace(draft, path)
    return keras.saving.load_model(path, compile=False, safe_mode=True)


@computing_in(EXACT)
def discriminator_of_run(path: str, spec: AudioSpec) -> keras.Model:
    """The discriminator of a VAE-GAN's run.

    Args:
        path: the run's workdir.
        spec: that the discriminator must have, too.

    Raises:
        UserError: if there is none, or it has another spec.
    """
    if not path:
        raise UserError(
            "perceptual.style=discriminator needs a VAE-GAN's run: add --set "
            "perceptual.discriminator=WORKDIR of one"
        )
    folder = trained_folder(Path(path))
    AudioSpec.load(folder).require_equal(spec, path, "the data")
    return load_discriminator(folder)


def train_classifier(
    classifier: keras.Model, config: PerceptualConfig, batches: Iterable[Mapping[str, tf.Tensor]]
) -> None:
    """Trains a domain classifier on recordings of both domains.

    Args:
        classifier: log-mel -> logits, one tensor for each layer; its weights are changed.
        config: steps and learning rate.
        batches: of "content" and "band", log-mels [batch, frames, n_mels, 1]; at least as many as steps.

    Raises:
        UserError: on several devices.
    """
    if tf.distribute.has_strategy():
        raise UserError(
            "perceptual.style=classifier is trained on one device: begin without --strategy, with --steps 1, "
            "and go on with --resume and --strategy"
        )
    adam = keras.optimizers.Adam(config.classifier_learning_rate)
    adam.build(classifier.trainable_variables)
    step = tf.function(functools.partial(_step, classifier, adam))
    with console.progress(config.classifier_steps, "style classifier", unit="step") as bar:
        for batch, _ in zip(batches, range(config.classifier_steps), strict=False):
            loss = step(batch["content"], batch["band"])
            bar.set_postfix(loss=f"{float(loss):.3f}", refresh=False)
            bar.update(1)


def _step(
    classifier: keras.Model, adam: keras.optimizers.Optimizer, content: tf.Tensor, band: tf.Tensor
) -> tf.Tensor:
    with tf.GradientTape() as tape:
        loss = domain_entropy(classifier(content), classifier(band))
    adam.apply(tape.gradient(loss, classifier.trainable_variables), classifier.trainable_variables)
    return loss


def domain_entropy(content: list[tf.Tensor], band: list[tf.Tensor]) -> tf.Tensor:
    """Binary cross entropy of domain logits, negative for content and positive for the band.

    Args:
        content: of each layer, any shape.
        band: likewise.

    Returns:
        Nats, scalar: log(2) at chance.
    """
    terms = [tf.reduce_mean(tf.nn.softplus(x)) for x in content]
    terms += [tf.reduce_mean(tf.nn.softplus(-x)) for x in band]
    return tf.add_n(terms) / len(terms)


def content_network(config: Config, corpus: Corpus, band: np.ndarray) -> keras.Model:
    """Feature network of the content loss that `perceptual.content` selects."""
    if config.perceptual.content == "random":
        return networks.frozen(networks.build_bank(config.perceptual, config.spec, band))
    return networks.content_of_transcriber(transcriber_of(corpus).network)


def style_network(config: Config, corpus: Corpus, band: np.ndarray, folder: Path | None) -> keras.Model:
    """Feature network of the style loss that `perceptual.style` selects, log-mel -> feature maps.

    Args:
        config: of the run.
        corpus: opened data folder.
        band: clips of the band, [clips, frames, n_mels, 1].
        folder: of the run, where a network that is trained first is stored; None to store none.
    """
    perceptual, spec = config.perceptual, config.spec
    if perceptual.style == "transcriber":
        transcriber = transcriber_of(corpus)
        return networks.style_of_transcriber(transcriber.network, transcriber.config.time_stride)
    if perceptual.style == "discriminator":
        path = perceptual.discriminator
        discriminator = cached(folder, lambda: discriminator_of_run(path, spec))
        return networks.features_of_discriminator(discriminator, spec)
    if perceptual.style == "classifier":
        return cached(folder, lambda: _classifier(config, corpus, band))
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
        augmented_copies=False,  # or it would be trained to recognise augmented copies
    )
    train_classifier(networks.with_logits(bank), perceptual, batches)
    return bank
