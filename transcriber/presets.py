"""The recipes, by size."""

from __future__ import annotations

from transcriber.config import Config


def transcriber_tiny() -> Config:
    """Two cores, a quarter of an hour, the small lessons.

    Command: coverband train transcriber --data lessons/ --workdir runs/transcriber
    Time: 1200 steps in 25 minutes on two cores that had other work, too.
    Expect (python -m tools benchmark transcriber --data lessons/, small; with an earlier trunk, which saw less time
    around a frame): F1 of frames 0.72, of onsets 0.61.
    """
    return Config(preset="transcriber_tiny", steps=1200)


def transcriber_base() -> Config:
    """Two cores, half an hour, the full lessons; what comes with Coverband.

    Command: coverband train transcriber --data lessons/ --workdir runs/transcriber --preset transcriber_base
    Time: 4500 steps in 31 minutes on two cores that had other work, too.
    Expect (python -m tools benchmark transcriber --data lessons/, full): F1 of frames 0.77, of onsets 0.68.
    """
    return Config(preset="transcriber_base", steps=4500)


PRESETS = {"transcriber_tiny": transcriber_tiny, "transcriber_base": transcriber_base}
