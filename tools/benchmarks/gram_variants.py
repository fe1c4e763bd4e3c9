"""Comparison of DeepMix's implementation with its textbook formula."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import tensorflow as tf

from pipelines import console
from styletransfer import optimization
from styletransfer.config import Config
from styletransfer.deepmix import REFERENCE_FRAMES, DeepMix
from styletransfer.features import random_filters
from styletransfer.losses import gram
from styletransfer.optimization import Evaluate


@dataclasses.dataclass(frozen=True)
class Row:
    """Measurements of one optimization, a row of the table.

    Attributes:
        name: name of the formula.
        evaluations: number of evaluations of loss and gradient.
        seconds: processor time.
        first: loss at the start.
        last: loss at the end.
    """

    name: str
    evaluations: int
    seconds: float
    first: float
    last: float

    def __str__(self) -> str:
        each = self.seconds / self.evaluations
        return (
            f"| {self.name} | {self.evaluations} | {each:.3f} | {self.seconds:.0f} "
            f"| {self.first:.2f} | {self.last:.2f} |"
        )


def textbook(config: Config, content: np.ndarray, style: np.ndarray) -> Evaluate:
    """Loss and gradient by a convolutional layer and Gram matrices of all filters.

    Args:
        config: configuration of filters and alpha.
        content: log1p magnitudes, float32 [frames, bins].
        style: log1p magnitudes of the same shape.
    """
    width, frames = config.features.widths[0], len(content)
    filters = random_filters(width, config.spec.n_bins, config.features.filters, config.seed)
    kernel = tf.constant(np.ascontiguousarray(filters.transpose(0, 2, 1))[None])

    def features(spectrogram: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu(tf.nn.conv2d(spectrogram[None, None], kernel, 1, "VALID"))[0, 0]

    target, target_gram = features(tf.constant(content)), gram(features(tf.constant(style)), frames)

    @tf.function
    def evaluate(spectrogram: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(spectrogram)
            output = features(spectrogram)
            loss = config.alpha * tf.reduce_sum(tf.square(output - target))
            loss += tf.reduce_sum(tf.square(gram(output, frames) - target_gram))
        return loss, tape.gradient(loss, spectrogram)

    return evaluate


def timed(name: str, evaluate: Evaluate, start: np.ndarray, iterations: int) -> Row:
    """Row of one optimization, without the time of tracing."""
    first, _ = evaluate(tf.constant(start))
    count = 0

    def counted(spectrogram: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        nonlocal count
        count += 1
        return evaluate(spectrogram)

    with console.progress(iterations, name) as bar:
        began = time.process_time()
        result = optimization.lbfgs(counted, start, iterations, bar.update)
        seconds = time.process_time() - began
    return Row(name, count, seconds, float(first), result.losses[-1])


def compare(config: Config, content: np.ndarray, style: np.ndarray) -> list[Row]:
    """Rows of both formulas, from the same initial noise.

    Args:
        config: configuration; its alpha is for clips of REFERENCE_FRAMES, and scaled for other lengths.
        content: magnitudes, float32 [frames, bins].
        style: magnitudes of the same shape.
    """
    mix = DeepMix(config, [style])
    log_content = np.log1p(content)
    start = mix.start(log_content, np.zeros((0, config.spec.n_bins), np.float32))
    scaled = dataclasses.replace(config, alpha=config.alpha * REFERENCE_FRAMES / len(content))
    formulas = {
        "textbook": textbook(scaled, log_content, np.log1p(style)),
        "coverband": mix.objective(log_content),
    }
    return [timed(name, evaluate, start, config.iterations) for name, evaluate in formulas.items()]
