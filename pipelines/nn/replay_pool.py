"""A pool of past translations shown to the discriminator (Shrivastava et al. 2017)."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from pipelines.nn.blocks import register


@register
class ReplayPool(keras.layers.Layer):
    """Pool of `size` past clips; once it is full, half of the clips that it returns are from the past.

    That keeps the discriminator from forgetting. The state is in weights, so that a checkpoint holds it, and
    the random numbers come from the seed of each call, so that a resumed run draws the same ones.

    Arguments:
        size: number of clips; 0 for none, which returns what it is given.
        clip_shape: of a clip, [frames, n_mels, 1] for instance.
    """

    def __init__(self, size: int, clip_shape: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", "trainable": False, **kwargs})
        self.size, self.clip_shape = size, tuple(clip_shape)
        state = {"initializer": "zeros", "trainable": False, "aggregation": "only_first_replica"}
        self.clips = self.add_weight(name="clips", shape=(max(size, 1), *self.clip_shape), **state)
        self.filled = self.add_weight(name="filled", shape=(), dtype="int32", **state)
        self.built = True

    def call(self, fresh: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Stores fresh clips; returns as many, each fresh or (half the time, once full) an older one.

        Args:
            fresh: the newest translations [batch, *clip_shape]; those that a smaller pool has no place for
                are returned as they are.
            seed: int32 [2], a different one at each step.
        """
        if self.size == 0:
            return fresh
        replica = tf.distribute.get_replica_context()
        if replica is None or replica.num_replicas_in_sync == 1:
            return self._exchanged(fresh, seed)
        # All replicas hold the same pool: each of them exchanges the clips of all, by the same random
        # numbers.
        count, place = tf.shape(fresh)[0], replica.replica_id_in_sync_group
        seeds = replica.all_gather(seed[None], axis=0)
        exchanged = self._exchanged(replica.all_gather(fresh, axis=0), seeds[0])
        return exchanged[place * count : (place + 1) * count]

    def _exchanged(self, fresh: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        offered, rest = fresh[: self.size], fresh[self.size :]
        count = tf.shape(offered)[0]
        is_full = self.filled >= self.size
        # The places of one call differ from each other: two clips in one would overwrite each other.
        filling = (self.filled + tf.range(count)) % self.size
        drawn = tf.argsort(tf.random.stateless_uniform([self.size], seed))[:count]
        slots = tf.where(is_full, drawn, filling)
        swaps = tf.random.stateless_uniform([count], seed + 1) < 0.5
        old = tf.gather(self.clips.value, slots)
        stored = _like(tf.logical_or(swaps, ~is_full), offered)
        self.clips.assign(
            tf.tensor_scatter_nd_update(self.clips.value, slots[:, None], tf.where(stored, offered, old))
        )
        self.filled.assign(tf.minimum(self.filled + count, self.size))
        returned = tf.where(_like(tf.logical_and(swaps, is_full), offered), old, offered)
        return tf.concat([returned, rest], axis=0)

    def get_config(self) -> dict[str, Any]:
        """Constructor arguments."""
        return {**super().get_config(), "size": self.size, "clip_shape": self.clip_shape}


def _like(mask: tf.Tensor, clips: tf.Tensor) -> tf.Tensor:
    """A mask [batch] that broadcasts against clips [batch, ...]."""
    return tf.reshape(mask, [-1] + [1] * (len(clips.shape) - 1))
