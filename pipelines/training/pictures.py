"""Spectrograms as pictures, without a plotting library's global state."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np

_WIDTH = 512
_GAP = 4


def value_range(log_mels: np.ndarray) -> tuple[float, float]:
    """The darkest and brightest values worth telling apart: the 5th and 99.9th percentile."""
    low, high = np.percentile(log_mels, (5.0, 99.9))
    return float(low), float(max(high, low + 1e-3))


def stacked(
    log_mels: Sequence[np.ndarray], limits: tuple[float, float], colormap: str = "magma"
) -> np.ndarray:
    """Several spectrograms above each other, first on top, time to the right, low frequencies at the bottom.

    Args:
        log_mels: [frames, n_mels] each, all of one shape.
        limits: the values of the darkest and the brightest colour.
        colormap: a name known to matplotlib.

    Returns:
        uint8 [height, width, 3]; a pixel per mel band, at least one per frame, white lines between the rows.
    """
    low, high = limits
    wide = max(_WIDTH // max(log_mels[0].shape[0], 1), 1)
    rows: list[np.ndarray] = []
    for log_mel in log_mels:
        share = (np.nan_to_num(log_mel, nan=low) - low) / (high - low)
        upright = np.repeat(share.T[::-1], wide, axis=1)
        colours = matplotlib.colormaps[colormap](upright.clip(0.0, 1.0))[..., :3]
        rows += [
            (colours * 255).round().astype(np.uint8),
            np.full((_GAP, upright.shape[1], 3), 255, np.uint8),
        ]
    return np.concatenate(rows[:-1])
