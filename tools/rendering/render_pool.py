"""Rendering of a plan in several processes, and the catalogue of its results."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeVar, cast

from pipelines import console
from pipelines.data import worker_pool
from pipelines.errors import UserError
from pipelines.numba_cache import compile_librosa
from tools.rendering import records
from tools.rendering.records import Row


class Planned(Protocol):
    """Planned recording; hashable."""

    @property
    def path(self) -> str:
        """Path of the file below the output folder."""


Item = TypeVar("Item", bound=Planned)
Argument = TypeVar("Argument")
Value = TypeVar("Value")


@dataclasses.dataclass(frozen=True)
class Outcome(Generic[Item]):
    """Result of rendering a planned recording.

    Attributes:
        item: the planned recording.
        row: its row of the catalogue; None if it failed.
        error: reason of the failure.
    """

    item: Item
    row: Row | None
    error: str = ""


def render_all(
    render: Callable[[Item], Outcome[Item]], items: Sequence[Item], jobs: int
) -> list[Outcome[Item]]:
    """Outcomes of all planned recordings, in their order; failures are printed.

    Args:
        render: renders one recording; picklable.
        items: planned recordings.
        jobs: number of processes.

    Raises:
        OSError: if a file cannot be written, for instance because the disk is full.
    """
    compile_librosa()
    results = map_ordered(render, items, jobs, title="render", unit="song")
    outcomes = [_outcome(item, result) for item, result in zip(items, results, strict=True)]
    for outcome in outcomes:
        if outcome.row is None:
            console.say(f"left out: {outcome.error}")
    return outcomes


def require_any(passed: Sequence[Outcome[Item]], outcomes: Sequence[Outcome[Item]]) -> None:
    """Checks that some recordings passed.

    Args:
        passed: outcomes that are kept.
        outcomes: all outcomes.

    Raises:
        UserError: if none is kept, with the first error.
    """
    if not passed:
        error = next((outcome.error for outcome in outcomes if outcome.row is None), "the plan is empty")
        raise UserError(f"no rendering passed its check; the first error: {error}")


def write_catalogue(path: Path, rows: Sequence[Row], planned: Collection[str]) -> None:
    """Writes a catalogue and removes rendered files that are no longer planned.

    Args:
        path: JSON file in the output folder.
        rows: its rows.
        planned: paths of the rendered files below the output folder.
    """
    records.remove_stale(path.parent, planned)
    records.write(path, (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode())


def map_ordered(
    function: Callable[[Argument], Value],
    items: Sequence[Argument],
    jobs: int,
    *,
    title: str,
    unit: str,
    reraise: type[Exception] = OSError,
) -> list[Value | BaseException]:
    """Results of a function for every item, computed in several processes with a progress bar.

    Args:
        function: picklable.
        items: its arguments, hashable.
        jobs: number of processes.
        title: title of the progress bar.
        unit: name of one item in the progress bar.
        reraise: exceptions of the function that end the computation.

    Returns:
        Results, or other exceptions of the function, in the order of the items.

    Raises:
        Exception: the first one of type `reraise`.
    """
    values = {}
    with contextlib.closing(worker_pool.run(function, items, jobs)) as results:
        for item, value in console.progress(results, title, total=len(items), unit=unit):
            if isinstance(value, reraise):
                raise value
            values[item] = value
    return [values[item] for item in items]


def map_all(
    function: Callable[[Argument], Value], items: Sequence[Argument], jobs: int, *, title: str, unit: str
) -> list[Value]:
    """As `map_ordered`, but every exception of the function is raised."""
    values = map_ordered(function, items, jobs, title=title, unit=unit, reraise=Exception)
    return cast(list[Value], values)


def _outcome(item: Item, result: Outcome[Item] | BaseException) -> Outcome[Item]:
    if isinstance(result, BaseException):
        return Outcome(item, None, f"{item.path} could not be rendered ({result!r})")
    return result
