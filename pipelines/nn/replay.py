"""A pool of past translations shown to the discriminator (Shrivastava et al. 2017)."""

from __future__ import annotations

import tensorflow as tf


class ReplayPool(tf.Module):
    """Keeps `size` clips; half of what it hands out is from the past, which keeps the discriminator from forgetting.

    Its state is in variables, so that a checkpoint holds it, and its chances come from the seed that
    each call is given, so that a resumed run draws the same ones.
    """

    def __init__(self, size: int, clip_shape: tuple[int, ...], name: str = "replay") -> None:
        super().__init__(name=name)
        self.size = size
        self.clips = tf.Variable(tf.zeros((max(size, 1), *clip_shape)), trainable=False, name="clips")
        self.filled = tf.Variable(0, dtype=tf.int32, trainable=False, name="filled")

    def exchange(self, fresh: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Stores fresh clips [batch, ...]; returns as many, each fresh or (half the time, once full) an older one.

        Args:
            fresh: the newest translations.
            seed: int32 [2], a different one at each step.
        """
        if self.size == 0:
            return fresh
        batch = fresh.shape[0]
        slots = tf.argsort(tf.random.stateless_uniform([self.size], seed))[:batch]
        filling = self.filled + tf.range(batch)
        is_filling = filling < self.size
        slots = tf.where(is_filling, filling, slots)
        swaps = tf.logical_and(tf.random.stateless_uniform([batch], seed + 1) < 0.5, ~is_filling)
        old = tf.gather(self.clips, slots)
        mask = tf.reshape(swaps, [-1] + [1] * (len(fresh.shape) - 1))
        stored = tf.reshape(tf.logical_or(swaps, is_filling), mask.shape)
        self.clips.scatter_nd_update(slots[:, None], tf.where(stored, fresh, old))
        self.filled.assign(tf.minimum(self.filled + batch, self.size))
        return tf.where(mask, old, fresh)
