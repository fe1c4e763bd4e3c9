"""File of a vocoder in the folder of a run; without TensorFlow."""

from __future__ import annotations

from pathlib import Path

FILE = "vocoder.npz"
"""In a run's folder: the newest vocoder."""


def kept(run: Path) -> Path | None:
    """The vocoder that a run keeps; None if there is none."""
    return run / FILE if (run / FILE).is_file() else None
