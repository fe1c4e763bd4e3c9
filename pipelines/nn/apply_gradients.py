"""One network's step down its gradient, by all of a step's clips, wherever they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import keras
import tensorflow as tf

from pipelines.nn import parts


def descend(
    gradients: Sequence[tf.Tensor],
    optimizer: keras.optimizers.Optimizer,
    variables: Sequence[keras.Variable],
    gate: tf.Tensor | None = None,
) -> None:
    """Changes the variables by the mean of all parts' gradients, in the last turn (see `parts`).

    The mean is taken before the optimizer clips it. So losses are means over a part's clips, and nothing is
    to be scaled by how many parts there are.

    Args:
        gradients: of the part's own clips.
        optimizer: built on the variables.
        variables: as many.
        gate: bool scalar; where it is false, variables and moments stay as they are. None for always.
    """
    gradients = parts.whole(gradients)
    if not parts.is_last():
        return
    # Keras would add up, over the devices, what is their mean already.
    optimizer._all_reduce_sum_gradients = list
    if gate is None:
        optimizer.apply(gradients, variables)
        return
    changed = [*variables, *_state(optimizer)]
    before = [tf.identity(variable) for variable in changed]
    optimizer.apply(gradients, variables)
    # Not tf.cond, in which devices cannot meet.
    for variable, old in zip(changed, before, strict=True):
        variable.assign(tf.where(gate, variable, old))


def _state(optimizer: keras.optimizers.Optimizer) -> Iterable[keras.Variable]:
    return [variable for variable in optimizer.variables if variable is not optimizer.learning_rate]
