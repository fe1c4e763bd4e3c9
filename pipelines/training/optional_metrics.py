"""Optional metrics: those that cannot always be measured, which is reported once."""

from __future__ import annotations

import math
from collections.abc import Callable

from pipelines import console
from pipelines.errors import UserError


class OptionalMetrics:
    """Measures metrics, and reports each one that cannot be measured once."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, name: str, measure: Callable[[], float]) -> dict[str, float]:
        """The value by its name; nothing, and one sentence the first time, when there is none.

        Args:
            name: of the number.
            measure: returns it; a `UserError` or a value that is not a number means that it cannot be known.
        """
        try:
            value = measure()
            why = "it came out as no number"
        except UserError as error:
            value, why = math.nan, str(error)
        if math.isfinite(value):
            return {name: float(value)}
        if name not in self._said:
            console.say(f"{name} is not measured: {why}")
            self._said.add(name)
        return {}
