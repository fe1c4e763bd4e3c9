"""NMF musaicing: the content's spectrogram, put together from frames of the style.

Driedger, Praetzlich & Mueller 2015 ("Let it Bee"). With the content's magnitudes V [frames, bins] and the
style's as fixed templates W [templates, bins], activations H [frames, templates] are updated to lower the
Kullback-Leibler divergence of V from HW, while three restrictions, of which two tighten over the iterations,
keep the style's timbre: a template does not sound again at once (repetition), few sound together (polyphony),
and templates that are neighbours in time sound in that order (continuity).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import ndimage

from styletransfer.config import Config
from styletransfer.optimization import Tick

_TINY = np.float32(1e-6)
_QUIET = 0.01
"""Templates are made equally loud, but for those below this share of the mean: silence stays silent."""


class Musaic:
    """Approximation of a window by frames of a style; one tick is an update."""

    def __init__(self, config: Config, style: Iterable[np.ndarray]) -> None:
        """Chooses the templates.

        Args:
            config: see `Config`.
            style: magnitudes, float32 [frames, bins] each.
        """
        self._config = config
        chosen = templates(list(style), config.musaic.templates, config.musaic.stretch)
        loudness = chosen.sum(axis=1, keepdims=True)
        self._templates = chosen / np.maximum(loudness, _QUIET * loudness.mean())

    @property
    def steps(self) -> int:
        """Ticks of a window."""
        return self._config.iterations

    def __call__(self, magnitude: np.ndarray, begun: np.ndarray, tick: Tick) -> np.ndarray:
        """Stylises a window.

        Args:
            magnitude: of the content, float32 [frames, bins].
            begun: not used.
            tick: called after every update.

        Returns:
            Magnitudes, float32 [frames, bins].
        """
        alpha = np.float32(self._config.alpha)
        return (1 - alpha) * (self.activations(magnitude, tick) @ self._templates) + alpha * magnitude

    def activations(self, magnitude: np.ndarray, tick: Tick) -> np.ndarray:
        """NMF activations: the weight of every template in each frame, float32 [frames, templates]."""
        how, count = self._config.musaic, self._config.iterations
        generator = np.random.default_rng(self._config.seed)
        found = generator.random((len(magnitude), len(self._templates)), dtype=np.float32)
        for index in range(count):
            keep = np.float32(1 - (index + 1) / count)
            found = repetition(found, how.repetition, keep)
            found = continuity(polyphony(found, how.polyphony, keep), how.continuity)
            found = updated(found, magnitude, self._templates)
            tick(1)
        return found


def updated(activations: np.ndarray, magnitude: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """One multiplicative update for the generalised Kullback-Leibler divergence (Lee & Seung 2001).

    Args:
        activations: float32 [frames, templates], not negative.
        magnitude: float32 [frames, bins].
        fixed: the templates, float32 [templates, bins].
    """
    ratio = magnitude / np.maximum(activations @ fixed, _TINY)
    return activations * (ratio @ fixed.T) / np.maximum(fixed.sum(axis=1), _TINY)


def repetition(activations: np.ndarray, reach: int, keep: np.float32) -> np.ndarray:
    """Weakens what is not the largest of its template within `reach` frames on each side."""
    largest = ndimage.maximum_filter1d(activations, 2 * reach + 1, axis=0, mode="constant")
    return np.where(activations == largest, activations, keep * activations)


def polyphony(activations: np.ndarray, most: int, keep: np.float32) -> np.ndarray:
    """Weakens what is not among the `most` largest of its frame."""
    if most >= activations.shape[1]:
        return activations
    least = np.partition(activations, -most, axis=1)[:, -most, None]
    return np.where(activations >= least, activations, keep * activations)


def continuity(activations: np.ndarray, reach: int) -> np.ndarray:
    """Sums along the diagonal, on which templates follow in time, `reach` frames before and after."""
    frames, count = activations.shape
    padded = np.pad(activations, reach)
    shifts = range(2 * reach + 1)
    return np.sum([padded[shift : shift + frames, shift : shift + count] for shift in shifts], axis=0)


def templates(songs: Sequence[np.ndarray], most: int, stretch: int) -> np.ndarray:
    """All frames of the style, or as many as are allowed: equally spaced stretches of consecutive frames.

    Args:
        songs: magnitudes, float32 [frames, bins] each.
        most: frames wanted.
        stretch: frames that stay together.

    Returns:
        float32 [at most `most`, bins].
    """
    joined = np.concatenate(songs)
    if len(joined) <= most:
        return joined
    count = max(1, most // stretch)
    first = np.linspace(0, len(joined) - stretch, count).astype(int)
    return np.concatenate([joined[start : start + stretch] for start in first])[:most]
