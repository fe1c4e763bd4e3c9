"""The timbre network in Keras, for its training; `TimbreEmbedding` is the same in NumPy, for its use."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from pipelines import console
from pipelines.metrics import embedding
from pipelines.metrics.embedding import TimbreEmbedding
from tools.timbre_embedding.triplets import Batches, Recording, with_virtual

MARGIN = 0.1
KERNEL_FRAMES = 5


def build(recordings: Sequence[Recording], seed: int) -> keras.Model:
    """An untrained network, standardising as the recordings' MFCCs need it.

    Returns:
        [batch, frames, 12] -> [batch, 64], rows of length 1.
    """
    keras.utils.set_random_seed(seed)
    frames = np.concatenate([each.windows.reshape(-1, embedding.COEFFICIENTS) for each in recordings])
    inputs = keras.Input([embedding.WINDOW_FRAMES, embedding.COEFFICIENTS])
    hidden = keras.layers.Normalization(mean=frames.mean(axis=0), variance=frames.var(axis=0))(inputs)
    for _ in range(embedding.LAYERS):
        hidden = keras.layers.Conv1D(embedding.DIMENSIONS, KERNEL_FRAMES, activation="relu")(hidden)
    pooled = keras.layers.GlobalAveragePooling1D()(hidden)
    projected = keras.layers.Dense(embedding.DIMENSIONS, use_bias=False)(pooled)
    return keras.Model(inputs, keras.layers.UnitNormalization()(projected))


def triplet_loss(labels: tf.Tensor, points: tf.Tensor) -> tf.Tensor:
    """Mean hinge of all triplets of a batch that violate the margin (Hermans et al. 2017, "batch all").

    Args:
        labels: instrument and piece, int32 [batch, 2].
        points: float32 [batch, d], rows of length 1.

    Returns:
        A scalar; distances are 1 - cosine.
    """
    same_instrument = labels[:, None, 0] == labels[None, :, 0]
    same_piece = labels[:, None, 1] == labels[None, :, 1]
    distance = 1 - points @ tf.transpose(points)
    hinge = tf.nn.relu(distance[:, :, None] - distance[:, None, :] + MARGIN)
    positive, negative = same_instrument & ~same_piece, ~same_instrument
    hinge = tf.where(positive[:, :, None] & negative[:, None, :], hinge, 0.0)
    return tf.reduce_sum(hinge) / tf.maximum(tf.reduce_sum(tf.cast(hinge > 0, tf.float32)), 1.0)


def train(model: keras.Model, recordings: Sequence[Recording], steps: int, seed: int) -> None:
    """Trains for so many steps; no held-out song is looked at, so that those are left for the report.

    Args:
        model: see `build`; changed in place.
        recordings: what it learns from.
        steps: of training.
        seed: of batches and virtual instruments.
    """
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps)), triplet_loss)
    batches, random = Batches(recordings, seed), np.random.default_rng(seed)
    deviation = np.concatenate([each.windows for each in recordings]).std(axis=(0, 1))
    for _ in console.progress(range(steps), "training"):
        model.train_on_batch(*with_virtual(*batches.take(), deviation, random))


def to_numpy(model: keras.Model) -> TimbreEmbedding:
    """The model as it is shipped."""
    normalise = next(layer for layer in model.layers if isinstance(layer, keras.layers.Normalization))
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv1D)]
    dense = next(layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
    return TimbreEmbedding(
        mean=np.float32(normalise.mean).reshape(-1),
        deviation=np.float32(np.sqrt(normalise.variance)).reshape(-1),
        kernels=tuple(layer.kernel.numpy() for layer in convolutions),
        biases=tuple(layer.bias.numpy() for layer in convolutions),
        projection=dense.kernel.numpy(),
    )
