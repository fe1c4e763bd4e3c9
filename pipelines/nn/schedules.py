"""Schedules over progress, the share of the training that is done: 0 at the start, 1 at the end."""

from __future__ import annotations

import tensorflow as tf


def linear(progress: tf.Tensor, start: float, end: float, begin: float, finish: float) -> tf.Tensor:
    """`start` until progress reaches `begin`, then straight to `end` at `finish`, and `end` from there on."""
    share = tf.clip_by_value((progress - begin) / max(finish - begin, 1e-9), 0.0, 1.0)
    return start + (end - start) * share


def constant_then_linear_decay(progress: tf.Tensor, rate: float, hold: float) -> tf.Tensor:
    """The learning rate of CycleGAN (Zhu et al. 2017, section 4): constant, then linearly to zero."""
    return linear(progress, rate, 0.0, hold, 1.0)
