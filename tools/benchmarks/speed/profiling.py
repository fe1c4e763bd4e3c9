"""Profile of a step by TensorFlow's profiler: time by operation, and a trace for TensorBoard."""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from tools.benchmarks.tables import Row, Table
from tools.benchmarks.timing import Act

STEPS = 3
TABLE_ROWS = 12
"""Number of operations in a table."""

_PRODUCTS = re.compile(r"conv|matmul|einsum|gemm|cutlass|xmma", re.IGNORECASE)
# Names of the host's events are "NODE:TYPE" for operations.
_OPERATION = re.compile(r"^[\w.\-/]+:(_?[A-Z]\w+)$")


class Operation(NamedTuple):
    """Time of a type of operation, or of a GPU kernel.

    Attributes:
        name: name of the type.
        seconds: self time per step; parallel operations count separately.
        share: share of the time of all operations.
    """

    name: str
    seconds: float
    share: float

    @property
    def is_product(self) -> bool:
        """True if it is a convolution or a matrix product."""
        return bool(_PRODUCTS.search(self.name))


class Event(NamedTuple):
    """Event of a thread or a stream; start and duration in ps."""

    name: str
    start: int
    duration: int


def profile(folder: Path, act: Act, steps: int = STEPS) -> tuple[Operation, ...]:
    """Profile of some steps, by operation.

    Args:
        folder: log folder for TensorBoard's profiler.
        act: step, already traced.
        steps: number of steps to profile.

    Returns:
        All operations, in descending order of time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tf.profiler.experimental.Profile(str(folder)):
        for _ in range(steps):
            act()
    trace = max(folder.glob("plugins/profile/*/*.xplane.pb"), key=lambda path: path.stat().st_mtime)
    return by_time(read(trace), steps)


def read(trace: Path) -> dict[str, float]:
    """Seconds by operation of a trace; those of the GPU if it has one, else those of the host."""
    space = xplane_pb2.XSpace()
    space.ParseFromString(trace.read_bytes())
    devices = [plane for plane in space.planes if plane.name.startswith("/device:GPU")]
    planes = devices or [plane for plane in space.planes if plane.name == "/host:CPU"]
    found: collections.Counter[str] = collections.Counter()
    for plane in planes:
        for line in plane.lines:
            if not line.name.startswith(("TensorFlow", "XLA", "Steps")):  # these lines summarise the streams
                found.update(self_times(_events(plane, line, on_device=bool(devices))))
    return dict(found)


def _events(plane: Any, line: Any, *, on_device: bool) -> Iterator[Event]:
    for event in line.events:
        name = plane.event_metadata[event.metadata_id].name
        operation = _OPERATION.match(name)
        if on_device or operation:
            shown = operation[1] if operation else name.partition("<")[0].partition("(")[0]
            yield Event(shown, event.offset_ps, event.duration_ps)


def self_times(events: Iterable[Event]) -> dict[str, float]:
    """Seconds by name, without the time of nested events.

    Args:
        events: events of one thread, disjoint or nested.
    """
    seconds: collections.Counter[str] = collections.Counter()
    open_: list[Event] = []
    for event in sorted(events, key=lambda each: (each.start, -each.duration)):
        while open_ and open_[-1].start + open_[-1].duration <= event.start:
            open_.pop()
        seconds[event.name] += event.duration
        if open_:
            seconds[open_[-1].name] -= event.duration
        open_.append(event)
    return {name: value / 1e12 for name, value in seconds.items()}


def by_time(seconds: Mapping[str, float], steps: int) -> tuple[Operation, ...]:
    """Operations with their shares, in descending order of time."""
    total = sum(seconds.values())
    operations = (Operation(name, value / steps, value / total) for name, value in seconds.items())
    return tuple(sorted(operations, key=lambda each: -each.seconds))


def table(preset: str, operations: tuple[Operation, ...]) -> Table:
    """Table of the longest operations, and the share of convolutions and matrix products."""
    products = sum(each.share for each in operations if each.is_product)
    rows: tuple[Row, ...] = tuple(
        {"operation": each.name, "ms per step": each.seconds * 1000, "%": each.share * 100}
        for each in operations[:TABLE_ROWS]
    )
    return Table(
        f"Operations of a train step of {preset}",
        rows,
        (f"Convolutions and matrix products: {products:.0%} of all operations' time.",),
    )
