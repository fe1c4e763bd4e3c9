"""DeepMix: the spectrogram whose random features are the content's and whose Gram matrices are the style's.

Ulyanov & Lebedev 2016, as in their published notebook. With features F of log1p magnitudes, those C of the
content's, and Gram matrices G over the style's filters, for `frames` frames,

    loss  =  alpha * (430 / frames) * |F - C|^2  +  |F'F / frames - G|^2 .

The notebook's clips have 430 frames; the factor makes alpha mean the same for clips of any length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from styletransfer.config import Config
from styletransfer.features import FilterBank, random_filters
from styletransfer.losses import GramRoot, content_loss, style_loss
from styletransfer.optimization import Evaluate, Found, Tick, adam, lbfgs

REFERENCE_FRAMES = 430
"""Frames of the notebook's clips, for which its alpha is meant."""

_NOISE = 1e-3
"""Deviation of the noise that a search starts from, in log1p magnitudes; the notebook's."""


class DeepMix:
    """Optimisation of a window towards the Gram matrices of a style; one tick is an iteration."""

    def __init__(self, config: Config, style: Iterable[np.ndarray]) -> None:
        """Draws the filters and computes the Gram matrices of the style.

        Args:
            config: see `Config`.
            style: magnitudes, float32 [frames, bins] each, at least as many frames as the widest filter.
        """
        self._config = config
        self._banks = list(_banks(config))
        self._roots = [tf.constant(root) for root in _roots(config, self._banks, style)]
        self._evaluate = tf.function(self._value_and_gradient, autograph=False)

    @property
    def steps(self) -> int:
        """Ticks of a window."""
        return self._config.iterations

    def __call__(self, magnitude: np.ndarray, begun: np.ndarray, tick: Tick) -> np.ndarray:
        """Stylises a window.

        Args:
            magnitude: of the content, float32 [frames, bins].
            begun: float32 [some frames, bins], what the window before found for the first frames.
            tick: called with the number of finished iterations.

        Returns:
            Magnitudes, float32 [frames, bins].
        """
        return np.expm1(np.maximum(self.search(magnitude, begun, tick).place, 0))

    def search(self, magnitude: np.ndarray, begun: np.ndarray, tick: Tick) -> Found:
        """Finds a window's log1p magnitudes; see `__call__` for the arguments."""
        content, how = np.log1p(magnitude), self._config.search
        start, evaluate = self.start(content, np.log1p(begun)), self.objective(content)
        if how.optimizer == "adam":
            return adam(evaluate, start, self.steps, tick, rate=how.rate)
        return lbfgs(evaluate, start, self.steps, tick)

    def start(self, content: np.ndarray, begun: np.ndarray) -> np.ndarray:
        """Initial log1p magnitudes of a search: `begun` in the first frames, then noise or the content.

        Args:
            content: log1p magnitudes, float32 [frames, bins].
            begun: likewise, of the first frames, which the window before found.
        """
        noise = self._config.search.start == "noise"
        start = self._noise(content.shape) if noise else content.copy()
        start[: len(begun)] = begun
        return start

    def objective(self, content: np.ndarray) -> Evaluate:
        """The loss of log1p magnitudes and its gradient, given the content's, float32 [frames, bins]."""
        wanted = [bank(tf.constant(content)) for bank in self._banks]
        return lambda place: self._evaluate(place, wanted)

    def _value_and_gradient(
        self, place: tf.Tensor, wanted: Sequence[tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(place)
            loss = self._loss(place, wanted)
        return loss, tape.gradient(loss, place)

    def _loss(self, place: tf.Tensor, wanted: Sequence[tf.Tensor]) -> tf.Tensor:
        """Float64 scalar."""
        frames = place.shape[0]
        weight = self._config.alpha * REFERENCE_FRAMES / frames
        found = [bank(place) for bank in self._banks]
        content = tf.add_n([content_loss(a, b) for a, b in zip(found, wanted, strict=True)])
        return weight * content + tf.add_n(
            [style_loss(features, frames, root) for features, root in zip(found, self._roots, strict=True)]
        )

    def _noise(self, shape: tuple[int, ...]) -> np.ndarray:
        generator = np.random.default_rng(self._config.seed)
        return generator.standard_normal(shape, dtype=np.float32) * np.float32(_NOISE)


def _banks(config: Config) -> Iterator[FilterBank]:
    """One for every width, made one after the other: each takes much memory while it is made."""
    each = config.features.filters // len(config.features.widths)
    for width in config.features.widths:
        yield FilterBank(random_filters(width, config.spec.n_bins, each, config.seed))


def _roots(config: Config, banks: Sequence[FilterBank], style: Iterable[np.ndarray]) -> list[np.ndarray]:
    """For every bank the root of the style's Gram matrix."""
    roots = [GramRoot(config.features.rank) for _ in banks]
    for magnitude in style:
        for bank, root in zip(banks, roots, strict=True):
            for block, frames in _blocks(np.log1p(magnitude), config.window_frames, bank.width):
                root.add(bank(tf.constant(block)).numpy(), frames)
    return [root.root() for root in roots]


def _blocks(log_magnitude: np.ndarray, size: int, width: int) -> Iterator[tuple[np.ndarray, int]]:
    """Pieces whose features, joined, are those of the whole, each with its share of the frames."""
    last = max(0, len(log_magnitude) - width)
    for start in range(0, last + 1, size):
        stop = start + size if start + size <= last else len(log_magnitude)
        yield log_magnitude[start : stop + width - 1], stop - start
