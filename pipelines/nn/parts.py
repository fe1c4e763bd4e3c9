"""A step's batch in parts: dealt out to several devices, and on each of them taken in turns.

Every part sees as much as its own clips, and yet all of them together do what one device would do with the
whole batch: what follows from the batch as a whole is asked for here. With one device and one turn, all of
these functions give back what they are given, and nothing is added to the graph.

Clips are dealt like cards: of n parts, part i has the clips i, i + n, i + 2n, ... So a batch that is made of
equal stretches (first halves of the clips, then second halves) stays one in every part.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import tensorflow as tf

Batch = Mapping[str, tf.Tensor]
Scalars = dict[str, tf.Tensor]


class Share(NamedTuple):
    """Position of a part of the batch: index `place`, a tensor on some devices, of `among` parts."""

    place: int | tf.Tensor
    among: int


class _Turn:
    """One of the turns that a device takes.

    Attributes:
        index: of this turn.
        count: of all.
        sums: what this turn and those before it have handed in, in the order in which they did.
    """

    def __init__(self, index: int = 0, count: int = 1, sums: list[list[tf.Tensor]] | None = None) -> None:
        self.index, self.count = index, count
        self.sums = [] if sums is None else sums
        self._handed = 0

    def added(self, values: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """These and what earlier turns have handed in at the same place."""
        if self._handed == len(self.sums):
            self.sums.append(list(values))
        else:
            before = self.sums[self._handed]
            self.sums[self._handed] = [a + b for a, b in zip(before, values, strict=True)]
        self._handed += 1
        return self.sums[self._handed - 1]


class _Now(threading.local):
    """The turn that is being taken; every device's steps are traced in a thread of their own."""

    def __init__(self) -> None:
        self.turn = _Turn()


_now = _Now()


def share() -> Share:
    """This part's share of the batch."""
    devices, turn = _devices(), _now.turn
    if devices is None:
        return Share(turn.index, turn.count)
    count = devices.num_replicas_in_sync
    return Share(turn.index * count + devices.replica_id_in_sync_group, turn.count * count)


def is_last() -> bool:
    """True if this is the last micro-batch of the step, the one in which variables change."""
    return _now.turn.index == _now.turn.count - 1


def mean(x: tf.Tensor) -> tf.Tensor:
    """The mean of a statistic over all devices, in this turn.

    Its gradient is that of this device's share, so that the mean of all devices' gradients is the gradient.
    """
    if (devices := _devices()) is None:
        return x
    return x + tf.stop_gradient(devices.all_reduce(tf.distribute.ReduceOp.MEAN, tf.stop_gradient(x)) - x)


def variance(x: tf.Tensor, axis: Sequence[int] | None = None) -> tf.Tensor:
    """As `tf.math.reduce_variance`, of the clips of all devices, in this turn."""
    centre = mean(tf.reduce_mean(x, axis=axis, keepdims=True))
    return mean(tf.reduce_mean(tf.square(x - centre), axis=axis))


def whole(values: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """The means over all parts; before the last turn, over this device's turns so far.

    Args:
        values: of this part; in every turn as many, of the same shapes.
    """
    turn = _now.turn
    if turn.count > 1:
        values = [value / (turn.index + 1) for value in turn.added(values)]
    if (devices := _devices()) is None or not is_last():
        return list(values)
    return list(devices.all_reduce(tf.distribute.ReduceOp.MEAN, list(values)))


def gathered(clips: tf.Tensor) -> tf.Tensor:
    """The clips of all devices, in the batch's order.

    Args:
        clips: of this device, [clips, ...].
    """
    if (devices := _devices()) is None:
        return clips
    count, rest = devices.num_replicas_in_sync, clips.shape[1:]
    mine = tf.one_hot(devices.replica_id_in_sync_group, count, dtype=clips.dtype)
    placed = clips[:, None] * tf.reshape(mine, [1, count, *[1] * len(rest)])
    together = devices.all_reduce(tf.distribute.ReduceOp.SUM, placed)
    return tf.reshape(together, [clips.shape[0] * count, *rest])


def kept(clips: tf.Tensor) -> tf.Tensor:
    """Of clips in the order of `gathered`, those of this device."""
    devices = _devices()
    return (
        clips
        if devices is None
        else _dealt(clips, devices.replica_id_in_sync_group, devices.num_replicas_in_sync)
    )


def own(values: tf.Tensor) -> tf.Tensor:
    """Of something about every clip of the batch, [clips, ...], what is about this part's."""
    return _dealt(values, *share())


def _dealt(values: tf.Tensor, index: int | tf.Tensor, count: int) -> tf.Tensor:
    if count == 1:
        return values
    shape = tf.shape(values)
    dealt = tf.reshape(values, tf.concat([[shape[0] // count, count], shape[1:]], axis=0))
    return tf.gather(dealt, index, axis=1)


def in_turns(step: Callable[[Batch], Scalars], batch: Batch, count: int) -> Scalars:
    """Takes a device's clips in several turns, one after the other.

    Args:
        step: what is done with clips; it has to hand in what it changes variables by, see `whole`.
        batch: of this device, [clips, ...] by name.
        count: of turns, a divisor of the clips.

    Returns:
        The means of what the turns return.
    """
    if count == 1:
        return step(batch)
    sums: list[list[tf.Tensor]] = []
    returned = []
    for index in range(count):
        # A turn begins when the one before has handed in all, so that memory holds one turn's activations.
        with tf.control_dependencies([value for values in sums for value in values]):
            clips = {name: tf.identity(each[index::count]) for name, each in batch.items()}
        with _taking(_Turn(index, count, sums)):
            returned.append(step(clips))
    return {name: tf.add_n([each[name] for each in returned]) / count for name in returned[0]}


@contextlib.contextmanager
def _taking(turn: _Turn) -> Iterator[None]:
    before, _now.turn = _now.turn, turn
    try:
        yield
    finally:
        _now.turn = before


def _devices() -> tf.distribute.ReplicaContext | None:
    """Replica context of this device, for reductions over all devices; None if there are no others."""
    context = tf.distribute.get_replica_context()
    return None if context is None or context.num_replicas_in_sync == 1 else context
