"""Training budget: a number of steps, or minutes of wall clock."""

from __future__ import annotations

import dataclasses

from pipelines.errors import UserError


@dataclasses.dataclass(frozen=True)
class Budget:
    """One of the two is given.

    Progress is the share of the budget that is spent, by the run and its resumptions together. A longer
    budget therefore sends the schedules of a finished run back to where they would be, instead of going on
    at rate zero.

    Attributes:
        steps: training steps in all.
        minutes: wall clock in all, previews and checkpoints included.

    Raises:
        UserError: if neither or both are given, or a value is not positive.
    """

    steps: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.minutes is None):
            raise UserError("give either --steps or --minutes, not both")
        if not (self.steps or self.minutes or 0) > 0:
            raise UserError(f"{self} is no time to train: give a number above zero")

    def __str__(self) -> str:
        return f"--steps {self.steps}" if self.minutes is None else f"--minutes {self.minutes:g}"

    def progress(self, step: int, seconds: float) -> float:
        """The share spent, 0 to 1, after so many steps and seconds."""
        share = step / self.steps if self.steps is not None else seconds / 60 / (self.minutes or 1.0)
        return min(share, 1.0)

    def is_spent(self, step: int, seconds: float) -> bool:
        """True if the whole budget is spent after so many steps and seconds."""
        return self.progress(step, seconds) >= 1.0

    def total_steps(self, step: int, seconds: float, rate: float) -> int:
        """The steps of the whole run; by minutes, what `rate` (steps per second) leads to expect."""
        if self.steps is not None:
            return self.steps
        return step + max(round(((self.minutes or 0.0) * 60 - seconds) * rate), 0)
