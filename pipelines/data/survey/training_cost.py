"""Training cost of a preset: its time, and passes over the band's songs."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Training:
    """One preset.

    Attributes:
        preset: its name.
        family: as `coverband train` takes it.
        steps: training steps.
        time: what its docstring says of time, which was measured on the machine that it names.
        heard: minutes of clips of a domain that it hears in all steps.
        passes: how often that is the band's training songs.
        here: minutes that all steps take on this machine; None if that was not tried, or failed.
    """

    preset: str
    family: str
    steps: int
    time: str
    heard: float
    passes: float
    here: float | None = None

    @property
    def lasts(self) -> str:
        """Training time: on this machine if it was measured, else as the preset's docstring states it."""
        return self.time if self.here is None else f"{self.steps:,} steps in {_clock(self.here)} here"


def _clock(minutes: float) -> str:
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"
