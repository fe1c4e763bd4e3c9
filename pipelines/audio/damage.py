"""Damage of audio files: the part that could not be decoded."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from pipelines.errors import UserError

_TOLERANCE_SECONDS = 0.2
"""Difference between declared and decoded length that is no damage: encoders pad, and count differently."""


@dataclasses.dataclass(frozen=True)
class Damage:
    """The part of a file that could not be decoded.

    Attributes:
        path: of the file.
        lost: seconds that are known to be missing.
        kept: seconds that were decoded.
        open_ended: true if more is missing, of unknown length.
    """

    path: Path
    lost: float = 0.0
    kept: float = 0.0
    open_ended: bool = False

    def __bool__(self) -> bool:
        return self.open_ended or self.lost > _TOLERANCE_SECONDS

    def __str__(self) -> str:
        """Sentence without its full stop."""
        return f"{self.path} {self.reason}"

    @property
    def reason(self) -> str:
        """Sentence without the file's name."""
        if self.lost > _TOLERANCE_SECONDS:
            whole = self.lost + self.kept
            return f"is damaged or cut off: {self.lost:.1f} s of {whole:.1f} s are missing, the rest is used"
        return (
            "is damaged or cut off, and does not say how long it was: the "
            f"{self.kept:.1f} s that are there are used"
        )

    def with_lost(self, seconds: float) -> Damage:
        """Damage after another part could not be decoded.

        Args:
            seconds: length of the part; 0 if that is unknown.
        """
        return dataclasses.replace(self, lost=self.lost + seconds, open_ended=self.open_ended or not seconds)

    def at_end(self, kept: float, declared: float | None) -> Damage:
        """Damage at the end of the file.

        Args:
            kept: seconds that were decoded.
            declared: seconds that the header states; None if it does not.
        """
        missing = 0.0 if declared is None else declared - kept
        lost = missing if missing > _TOLERANCE_SECONDS else self.lost
        return dataclasses.replace(self, lost=lost, kept=kept)


def require_finite(samples: np.ndarray, path: Path) -> np.ndarray:
    """Samples of a file, checked.

    Raises:
        UserError: if one is NaN or infinite.
    """
    # The sum, at a third of the time, is finite unless a sample is not, or samples are absurdly large.
    with np.errstate(over="ignore", invalid="ignore"):
        suspected = not np.isfinite(samples.sum())
    if suspected and not np.isfinite(samples).all():
        raise UserError(f"{path} holds samples that are not numbers (NaN or infinity): export it again")
    return samples
