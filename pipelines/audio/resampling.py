"""Resampling inside a graph, of any stretch of a recording, so that stretches join exactly."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
import tensorflow as tf
from scipy import signal

LARGEST_PERIOD = 1000
"""Samples at the wanted rate after which both rates meet: 147 from 48000 to 44100 Hz."""

_CROSSINGS = 48
"""Zero crossings of the filter on either side."""
_BETA = 12.0
"""Of its Kaiser window: what is not wanted is weaker by more than 110 dB."""

Read = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def is_possible(rate: int, wanted: int) -> bool:
    """Whether two rates are in a simple ratio, as all usual ones are."""
    return wanted // math.gcd(rate, wanted) <= LARGEST_PERIOD


def stretch(read: Read, rate: int, wanted: int, start: tf.Tensor, count: int) -> tf.Tensor:
    """Samples of a recording at another rate, by a polyphase filter of linear phase.

    Args:
        read: of the recording at its own rate, float32 [last - first] from two int64 scalars; silence where
            there is none.
        rate: its own, Hz.
        wanted: the other, Hz.
        start: first sample, at the wanted rate, int64 scalar.
        count: how many.

    Returns:
        float32 [count].
    """
    if rate == wanted:
        return tf.ensure_shape(read(start, start + count), [count])
    up, down = wanted // math.gcd(rate, wanted), rate // math.gcd(rate, wanted)
    filters, before = _filters(up, down)
    # Whole periods: each `up` samples are the same sums of `down` samples and their neighbours.
    period, periods = start // up, count // up + 2
    first = period * down - before
    samples = read(first, first + (periods - 1) * down + len(filters))
    resampled = tf.matmul(tf.signal.frame(samples, len(filters), down), filters)
    return tf.reshape(resampled, [-1])[start - period * up :][:count]


@functools.lru_cache
def _filters(up: int, down: int) -> tuple[np.ndarray, int]:
    """One period: float32 [samples, up], and how many of the samples lie before the period's first."""
    half = math.ceil(_CROSSINGS * max(up, down) / up)  # samples of the recording on either side
    impulse = _impulse(2 * half * up + 1, max(up, down))
    ends = np.arange(up) * down  # where the outputs lie, in samples at `up` times the recording's rate
    places = np.arange(1 - half, (up - 1) * down // up + half + 1) * up
    taps = half * up + ends[None] - places[:, None]
    inside = (taps >= 0) & (taps < len(impulse))
    return np.where(inside, up * impulse[taps * inside], 0).astype(np.float32), half - 1


def _impulse(length: int, factor: int) -> np.ndarray:
    """A low pass that stops at the narrower of the two spectra, one part in `factor` of its own."""
    attenuation = _BETA / 0.1102 + 8.7
    width = (attenuation - 7.95) / (2.285 * math.pi * (length - 1))  # Kaiser 1974
    taps: np.ndarray = signal.firwin(length, 1 / factor - width / 2, window=("kaiser", _BETA))
    return taps
