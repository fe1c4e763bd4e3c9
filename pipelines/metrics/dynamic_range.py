"""Limit of log-mel spectra to the audible range, so that errors of inaudible cells do not count."""

from __future__ import annotations

import numpy as np

RANGE_DB = 60.0
"""Range below a frame's strongest band in which a cell counts as audible, dB."""


def limited(
    reference: np.ndarray, estimate: np.ndarray, range_db: float = RANGE_DB
) -> tuple[np.ndarray, np.ndarray]:
    """Both spectra, with the cells below the reference's range raised to its lower end.

    The lower end is `range_db` below the peak of the reference's frame, for both: a cell that is below it in
    both has no error, and one that is too loud in the estimate is compared with the lower end.

    Args:
        reference: log-mel of the truth, dB, [bands, frames].
        estimate: of the same shape and scale.
        range_db: range, dB.

    Returns:
        Two arrays of the same shape.
    """
    floor = reference.max(axis=0) - range_db
    return np.maximum(reference, floor), np.maximum(estimate, floor)


def limited_log_mel_error(reference: np.ndarray, estimate: np.ndarray, range_db: float = RANGE_DB) -> float:
    """Mean absolute difference of two log-mels within the range below the peak of each frame, see `limited`.

    Args:
        reference: log-mel of the truth, dB, [bands, frames].
        estimate: dB, [bands, frames]; the longer of the two is cut.
        range_db: range, dB.

    Returns:
        Decibels; NaN without frames.
    """
    frames = min(reference.shape[1], estimate.shape[1])
    if not frames:
        return float("nan")
    one, other = limited(reference[:, :frames], estimate[:, :frames], range_db)
    return float(np.abs(one - other).mean())
