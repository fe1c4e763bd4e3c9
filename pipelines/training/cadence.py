"""How often a training run does what it does."""

from __future__ import annotations

import dataclasses

from pipelines.errors import UserError


@dataclasses.dataclass(frozen=True)
class Cadence:
    """How often things happen, in steps.

    Attributes:
        log_every: losses are read from the device and logged, as means since the last time.
        summary_every: the fixed clips are translated, shown and watched.
        checkpoint_every: checkpoint and translator are saved.
        evaluate_every: validation songs are translated and measured; 0 for never, None for whenever the clips
            are shown.

    Raises:
        UserError: if one of them is not possible.
    """

    log_every: int = 10
    summary_every: int = 500
    checkpoint_every: int = 500
    evaluate_every: int | None = None

    def __post_init__(self) -> None:
        for name in ("log_every", "summary_every", "checkpoint_every"):
            if (steps := getattr(self, name)) < 1:
                raise UserError(f"--{name} {steps} is not possible: give a number of steps, 1 or more")
        if self.evaluation_steps < 0:
            raise UserError(
                f"--evaluate_every {self.evaluate_every} is not possible: give a number of steps, 0 for never"
            )

    @property
    def evaluation_steps(self) -> int:
        """Steps between two evaluations; 0 for none."""
        return self.summary_every if self.evaluate_every is None else self.evaluate_every
