"""Pictures of piano rolls."""

from __future__ import annotations

import matplotlib
import numpy as np

from transcriber.piano_roll import Roll

_GAP = 4
_KEY, _WIDE = 2, 2
"""Pixels of a key's height and of a frame's width."""


def comparison(log_mel: np.ndarray, truth: Roll, posteriors: Roll) -> np.ndarray:
    """Picture of spectrogram, score and transcription, one below the other; time to the right.

    Args:
        log_mel: [frames, n_mels].
        truth: piano roll of the score, of as many frames.
        posteriors: note posteriors, likewise.

    Returns:
        uint8 [height, width, 3].
    """
    low, high = np.percentile(log_mel, (5, 99.9))
    mel = (np.asarray(log_mel, np.float32) - low) / max(high - low, 1e-3)
    rows = [_coloured(mel, "magma", 1), picture(truth), picture(posteriors)]
    gap = np.full((_GAP, rows[0].shape[1], 3), 255, np.uint8)
    return np.concatenate([rows[0], gap, rows[1], gap, rows[2]])


def picture(roll: Roll) -> np.ndarray:
    """Picture of a piano roll: low keys at the bottom, onsets brightest, drums below a line.

    Returns:
        uint8 [height, width, 3].
    """
    notes = _coloured(np.clip(0.55 * roll.sounding + 0.45 * roll.onset, 0, 1), "inferno", _KEY)
    drums = _coloured(roll.drums, "viridis", 2 * _KEY)
    line = np.full((1, notes.shape[1], 3), 255, np.uint8)
    return np.concatenate([notes, line, drums])


def _coloured(values: np.ndarray, colormap: str, height: int) -> np.ndarray:
    upright = np.repeat(np.repeat(values.T[::-1], height, axis=0), _WIDE, axis=1)
    return (matplotlib.colormaps[colormap](upright.clip(0.0, 1.0))[..., :3] * 255).round().astype(np.uint8)
