"""Configuration of a training run: settings, budget, intervals and execution options."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

from pipelines.audio.spec import AudioSpec
from pipelines.data.config import CropConfig
from pipelines.errors import UserError

STRATEGIES = ("none", "mirrored", "multiworker", "tpu")
PRECISIONS = ("float32", "mixed_bfloat16")


@dataclasses.dataclass(frozen=True)
class RunConfig:
    """Configuration of a training run; a family adds its networks, losses and optimizer.

    Attributes:
        preset: name of the preset that it started from.
        steps: training steps when the command line gives neither steps nor minutes.
        spec: of the log-mels.
        data: of the training clips.
    """

    preset: str = "custom"
    steps: int = 1000
    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    data: CropConfig = dataclasses.field(default_factory=CropConfig)


@dataclasses.dataclass(frozen=True)
class Preset:
    """Named configuration.

    Attributes:
        config: function that makes the configuration; its docstring gives the command, and the measured
            result.
        time: measured training time, with the machine, or a statement that it was not trained yet.
    """

    config: Callable[[], Any]
    time: str


Presets = Mapping[str, Preset]
"""Presets of a family by name; the first is the default."""


@dataclasses.dataclass(frozen=True)
class Budget:
    """Training budget: a number of steps, or minutes of wall clock; one of the two is given.

    Progress is the share of the budget that is spent, by the run and its resumptions together. A longer
    budget therefore sends the schedules of a finished run back to where they would be, instead of going on
    at rate zero.

    Attributes:
        steps: training steps in all.
        minutes: wall clock in all, previews and checkpoints included.

    Raises:
        UserError: if neither or both are given, or a value is not positive and finite.
    """

    steps: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.minutes is None):
            raise UserError("give either --steps or --minutes, not both")
        if not 0 < (self.steps or self.minutes or 0) < math.inf:
            raise UserError(f"{self} is no time to train: give a finite number above zero")

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


@dataclasses.dataclass(frozen=True)
class Execution:
    """Execution options of training steps, none of which changes what a step optimizes.

    Attributes:
        strategy: one of STRATEGIES, in their order: one device; all devices of this machine; the devices of
            several machines; the devices of a TPU.
        precision: one of PRECISIONS, the dtype policy of the networks. Weights, optimizers, losses and signal
            processing are float32 in any case.
        steps_per_execution: number of steps in one execution of the compiled function.
        gradient_accumulation_steps: number of batches whose gradients are averaged before the weights are
            updated (Keras' word).

    Raises:
        UserError: if a number is not possible.
    """

    strategy: str = "none"
    precision: str = "float32"
    steps_per_execution: int = 1
    gradient_accumulation_steps: int = 1

    def __post_init__(self) -> None:
        for name in ("steps_per_execution", "gradient_accumulation_steps"):
            if (number := getattr(self, name)) < 1:
                raise UserError(f"--{name} {number} is not possible: give a whole number, 1 or more")

    @classmethod
    def of(cls, stored: Mapping[str, Any], given: Mapping[str, Any]) -> Execution:
        """A run's own, but where the command line says something else.

        Args:
            stored: fields of the run's, none of a run that is older than they are.
            given: fields that the command line names.
        """
        return cls(**{**stored, **given})

    def __str__(self) -> str:
        """The flags that are not as they are by default."""
        default = Execution()
        fields = ((field.name, getattr(self, field.name)) for field in dataclasses.fields(self))
        return " ".join(f"--{name} {value}" for name, value in fields if value != getattr(default, name))
