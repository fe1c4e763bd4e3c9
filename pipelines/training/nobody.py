"""Null observer and null event writer for non-chief workers, which write nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Silent:
    """Events that nobody reads; see `pipelines.training.events.Events`."""

    def scalars(self, *_: Any) -> None:
        """Nothing."""

    def text(self, *_: Any) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Nobody:
    """See `pipelines.training.protocol.Observer`.

    Attributes:
        events: go nowhere.
    """

    events: Any = Silent()

    def opening(self, settings: Mapping[str, Any], curves: Mapping[str, str]) -> None:
        """Nothing."""

    def begin(self, step: int) -> None:
        """Nothing."""

    def preview(self, step: int, means: Sequence[Mapping[str, float]]) -> None:
        """Nothing."""

    def evaluate(self, step: int) -> None:
        """Nothing."""

    def save(self) -> None:
        """Nothing."""
