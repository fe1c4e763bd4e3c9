"""The recipes, by size."""

from __future__ import annotations

from listener.config import Config


def listener_tiny() -> Config:
    """Two cores, a quarter of an hour, the small lessons.

    Command: coverband train listener --data lessons/ --workdir runs/listener
    Time: 1200 steps in 25 minutes on two cores that had other work, too.
    Expect (coverband benchmark listener --lessons lessons/, small; with an earlier trunk, which saw less time
    around a frame): F1 of frames 0.72, of onsets 0.61.
    """
    return Config(preset="listener_tiny", steps=1200)


def listener_base() -> Config:
    """Two cores, half an hour, the full lessons; what comes with Coverband.

    Command: coverband train listener --data lessons/ --workdir runs/listener --preset listener_base
    Time: 4500 steps in 31 minutes on two cores that had other work, too.
    Expect (coverband benchmark listener --lessons lessons/, full): F1 of frames 0.77, of onsets 0.68.
    """
    return Config(preset="listener_base", steps=4500)


PRESETS = {"listener_tiny": listener_tiny, "listener_base": listener_base}
