"""Training cost of a preset: its time, and passes over the band's songs."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class TrainingCost:
    """Training cost of one preset.

    Attributes:
        preset: name of the preset.
        family: as `coverband train` takes it.
        steps: training steps.
        time: training time that the preset states, with the machine that it was measured on.
        minutes_processed: minutes of clips of one domain over all steps.
        passes: passes over the band's training songs.
        here: minutes that all steps take on this machine; None if that was not measured, or failed.
    """

    preset: str
    family: str
    steps: int
    time: str
    minutes_processed: float
    passes: float
    here: float | None = None

    @property
    def duration(self) -> str:
        """Training time: on this machine if it was measured, else as the preset states it."""
        return self.time if self.here is None else f"{self.steps:,} steps in {_format(self.here)} here"


def _format(minutes: float) -> str:
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"
