"""Losses of Gram-matrix style transfer (Gatys, Ecker & Bethge 2016; Ulyanov & Lebedev 2016): pure functions.

A Gram matrix of 4096 filters has 17 million numbers, far more than the features of the few hundred frames
that it comes from. So it is never made: a style is a root R [rank, filters] of its Gram matrix, R'R, and with
features X the distance between the Gram matrices X'X and R'R is, in products of the size of the frames alone,

    |X'X - R'R|^2  =  |XX'|^2 - 2 |XR'|^2 + |RR'|^2        (Frobenius norms)

because tr(X'X R'R) = tr(XR' (XR')') = |XR'|^2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from scipy import linalg


def content_loss(features: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
    """Sum of squared differences between features of the same shape, float64 scalar."""
    return _energy(features - wanted)


def gram(features: tf.Tensor, frames: int) -> tf.Tensor:
    """The Gram matrix over filters: float32 [filters, filters].

    Args:
        features: float32 [positions, filters].
        frames: what it is divided by; of the spectrogram, as in the published notebook.
    """
    return tf.matmul(features, features, transpose_a=True) / frames


def style_loss(features: tf.Tensor, frames: int, root: tf.Tensor) -> tf.Tensor:
    """Squared Frobenius distance between the features' Gram matrix and a style's, without either of them.

    The three terms nearly cancel; their sums are in float64, so that what is left is worth something.

    Args:
        features: float32 [positions, filters].
        frames: of the spectrogram.
        root: float32 [rank, filters], of the style's Gram matrix; see `GramRoot`.

    Returns:
        float64 scalar, not negative but for rounding.
    """
    own = _product_energy(features) / frames**2
    shared = _energy(tf.matmul(features, root, transpose_b=True)) / frames
    return own - 2 * shared + _energy(tf.matmul(root, root, transpose_b=True))


def _energy(tensor: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.square(tf.cast(tensor, tf.float64)))


@tf.custom_gradient
def _product_energy(features: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    """|XX'|^2, whose gradient is 4 XX'X: one matrix product, of which TensorFlow would make two."""
    products = tf.matmul(features, features, transpose_b=True)

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        return tf.matmul(tf.cast(4 * upstream, tf.float32) * products, features)

    return _energy(products), gradient


class GramRoot:
    """A square root of the mean Gram matrix of features that come block by block, in bounded memory.

    The rows of all features would be one. When they are more than `rank`, they are rotated to the principal
    axes and the weakest are left out.
    """

    def __init__(self, rank: int) -> None:
        """Starts with nothing.

        Args:
            rank: rows at most.
        """
        self._rank = rank
        self._rows: np.ndarray | None = None
        self._frames = 0

    def add(self, features: np.ndarray, frames: int) -> None:
        """Adds a block.

        Args:
            features: float32 [positions, filters].
            frames: of its spectrogram.
        """
        rows = features if self._rows is None else np.concatenate([self._rows, features])
        self._rows = rows if len(rows) <= self._rank else self._strongest(rows)
        self._frames += frames

    def root(self) -> np.ndarray:
        """R, float32 [at most rank, filters]: R'R is nearly the sum of the blocks' X'X over all frames."""
        assert self._rows is not None
        return self._rows / np.float32(np.sqrt(self._frames))

    def _strongest(self, rows: np.ndarray) -> np.ndarray:
        """Rotated rows, but for those of least energy."""
        first = len(rows) - self._rank
        products = (rows @ rows.T).astype(np.float64)
        axes = linalg.eigh(products, subset_by_index=(first, len(rows) - 1), overwrite_a=True)[1]
        return axes.T.astype(np.float32) @ rows
