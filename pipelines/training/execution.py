"""Execution options of training steps: devices, precision and micro-batches, independent of the losses."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pipelines.errors import UserError

STRATEGIES = ("none", "mirrored", "multiworker", "tpu")
PRECISIONS = ("float32", "mixed_bfloat16")


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
