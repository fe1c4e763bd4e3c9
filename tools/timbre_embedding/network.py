"""Timbre network in Keras, for its training; `TimbreEmbedding` is its equivalent in NumPy."""

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
"""Margin of the triplet loss."""
KERNEL_FRAMES = 5


def build(recordings: Sequence[Recording], seed: int) -> keras.Model:
    """Untrained network with the standardisation of the recordings' MFCCs.

    Args:
        recordings: training recordings.
        seed: seed of the weights.

    Returns:
        Model of [batch, frames, 12] to [batch, 64], rows of unit norm.
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
    """Triplet loss, "batch all" of Hermans et al. 2017: mean hinge of the triplets that violate the margin.

    Args:
        labels: indices of instrument and piece, int32 [batch, 2].
        points: embeddings, float32 [batch, d], rows of unit norm.

    Returns:
        Scalar; distances are 1 - cosine similarity.
    """
    same_instrument = labels[:, None, 0] == labels[None, :, 0]
    same_piece = labels[:, None, 1] == labels[None, :, 1]
    distance = 1 - points @ tf.transpose(points)
    hinge = tf.nn.relu(distance[:, :, None] - distance[:, None, :] + MARGIN)
    positive, negative = same_instrument & ~same_piece, ~same_instrument
    hinge = tf.where(positive[:, :, None] & negative[:, None, :], hinge, 0.0)
    return tf.reduce_sum(hinge) / tf.maximum(tf.reduce_sum(tf.cast(hinge > 0, tf.float32)), 1.0)


def train(model: keras.Model, recordings: Sequence[Recording], steps: int, seed: int) -> None:
    """Trains a network.

    Args:
        model: see `build`; trained in place.
        recordings: training recordings.
        steps: number of training steps.
        seed: seed of batches and virtual instruments.
    """
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps)), triplet_loss)
    batches, random = Batches(recordings, seed), np.random.default_rng(seed)
    deviation = np.concatenate([each.windows for each in recordings]).std(axis=(0, 1))
    for _ in console.progress(range(steps), "training"):
        model.train_on_batch(*with_virtual(*batches.next_batch(), deviation, random))


def to_numpy(model: keras.Model) -> TimbreEmbedding:
    """The network as a NumPy embedding, the shipped format."""
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
