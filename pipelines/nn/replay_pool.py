"""A pool of past translations shown to the discriminator (Shrivastava et al. 2017)."""

from __future__ import annotations

import tensorflow as tf

from pipelines.nn import parts, philox


class ReplayPool(tf.Module):
    """Keeps `size` clips; once full, half of what it hands out is from the past.

    That keeps the discriminator from forgetting. The pool's state is in variables, so that a checkpoint
    holds it, and its chances come from the seed that each call is given, so that a resumed run draws the
    same ones.
    """

    def __init__(self, size: int, clip_shape: tuple[int, ...], name: str = "replay") -> None:
        super().__init__(name=name)
        self.size = size
        self.clips = tf.Variable(tf.zeros((max(size, 1), *clip_shape)), trainable=False, name="clips")
        self.filled = tf.Variable(0, dtype=tf.int32, trainable=False, name="filled")

    def exchange(self, fresh: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Stores fresh clips; returns as many, each fresh or (half the time, once full) an older one.

        Args:
            fresh: the newest translations [batch, ...]; what a smaller pool has no place for passes through.
            seed: int32 [2], a different one at each step.
        """
        if self.size == 0:
            return fresh
        # Every device has the same pool, and deals with all of the step's clips.
        return parts.kept(self._exchanged(parts.gathered(fresh), seed))

    def _exchanged(self, fresh: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        offered, rest = fresh[: self.size], fresh[self.size :]
        count = offered.shape[0]
        is_full = self.filled >= self.size
        # The places of one call differ from each other: two clips in one would overwrite each other.
        filling = (self.filled + tf.range(count)) % self.size
        drawn = tf.argsort(philox.uniform([self.size], seed))[:count]
        slots = tf.where(is_full, drawn, filling)
        swaps = philox.uniform([count], seed + 1) < 0.5
        old = tf.gather(self.clips, slots)
        stored = _like(tf.logical_or(swaps, ~is_full), offered)
        clips = tf.tensor_scatter_nd_update(self.clips, slots[:, None], tf.where(stored, offered, old))
        self.clips.assign(clips)
        self.filled.assign(tf.minimum(self.filled + count, self.size))
        handed = tf.where(_like(tf.logical_and(swaps, is_full), offered), old, offered)
        return tf.concat([handed, rest], axis=0)


def _like(mask: tf.Tensor, clips: tf.Tensor) -> tf.Tensor:
    """A mask [batch] that broadcasts against clips [batch, ...]."""
    return tf.reshape(mask, [-1] + [1] * (len(clips.shape) - 1))
