"""Intervals between the logs, previews, checkpoints and evaluations of a training run."""

from __future__ import annotations

import dataclasses

from pipelines.errors import UserError


@dataclasses.dataclass(frozen=True)
class Cadence:
    """Intervals between the periodic actions of a training run, in steps.

    Attributes:
        log_every: steps between logs; the losses are read from the device and logged as means since the
            previous log.
        summary_every: steps between previews; the fixed clips are translated, logged and checked.
        checkpoint_every: steps between saves of the checkpoint and the translator.
        evaluate_every: steps between evaluations, which translate and measure the validation songs; 0 for
            none, None for the interval of the previews.

    Raises:
        UserError: if an interval is not possible.
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
