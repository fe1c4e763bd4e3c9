"""Optimizers of a spectrogram: SciPy's L-BFGS, and Adam."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from scipy import optimize

Evaluate = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
"""float32 numbers of any shape -> their loss, scalar, and its gradient, of their shape."""

Tick = Callable[[int], object]
"""Progress callback, called with the number of finished iterations."""


class Found(NamedTuple):
    """Result of a search.

    Attributes:
        place: the point where it ended, float32, of the start's shape.
        losses: after every iteration.
    """

    place: np.ndarray
    losses: list[float]


def lbfgs(evaluate: Evaluate, start: np.ndarray, iterations: int, tick: Tick) -> Found:
    """Goes down by limited-memory BFGS (Byrd, Lu, Nocedal & Zhu 1995); every iteration lowers the loss.

    Args:
        evaluate: the loss.
        start: float32.
        iterations: at most; fewer where the loss falls no more.
        tick: called after every iteration, and with those that were not needed.
    """
    losses: list[float] = []

    def value_and_gradient(place: np.ndarray) -> tuple[float, np.ndarray]:
        loss, gradient = evaluate(tf.constant(place.reshape(start.shape), tf.float32))
        return float(loss), gradient.numpy().ravel().astype(np.float64)

    def note(intermediate_result: optimize.OptimizeResult) -> None:
        losses.append(float(intermediate_result.fun))
        tick(1)

    found = optimize.minimize(
        value_and_gradient,
        start.ravel().astype(np.float64),
        jac=True,
        method="L-BFGS-B",
        callback=note,
        options={"maxiter": iterations},
    )
    tick(iterations - len(losses))
    return Found(found.x.reshape(start.shape).astype(np.float32), losses)


def adam(evaluate: Evaluate, start: np.ndarray, iterations: int, tick: Tick, *, rate: float) -> Found:
    """Goes down by Adam (Kingma & Ba 2015).

    Args:
        evaluate: the loss.
        start: float32.
        iterations: how many.
        tick: called after every iteration.
        rate: learning rate.
    """
    place, optimizer = keras.Variable(start), keras.optimizers.Adam(rate)
    losses = []
    for _ in range(iterations):
        loss, gradient = evaluate(place.value)
        optimizer.apply([gradient], [place])
        losses.append(float(loss))
        tick(1)
    return Found(place.numpy(), losses)
