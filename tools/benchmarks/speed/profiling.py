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
MOST = 12
"""Operations in a table."""

_PRODUCTS = re.compile(r"conv|matmul|einsum|gemm|cutlass|xmma", re.IGNORECASE)
# The host's events are named "name of the node:type" where they are operations.
_OPERATION = re.compile(r"^[\w.\-/]+:(_?[A-Z]\w+)$")


class Operation(NamedTuple):
    """A type of operation, or a kernel of a GPU.

    Attributes:
        name: of the type.
        seconds: of a step, in itself; what ran at the same time counts twice.
        share: of all operations' seconds.
    """

    name: str
    seconds: float
    share: float

    @property
    def is_product(self) -> bool:
        """True if it is a convolution or a matrix product."""
        return bool(_PRODUCTS.search(self.name))


class Event(NamedTuple):
    """One stretch of time of a thread or a stream, ps."""

    name: str
    start: int
    duration: int


def profile(folder: Path, act: Act, steps: int = STEPS) -> tuple[Operation, ...]:
    """Traces some steps.

    Args:
        folder: for TensorBoard: its plugin for profiles shows what is below.
        act: a step, warm.
        steps: to trace.

    Returns:
        All operations, the longest first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tf.profiler.experimental.Profile(str(folder)):
        for _ in range(steps):
            act()
    trace = max(folder.glob("plugins/profile/*/*.xplane.pb"), key=lambda path: path.stat().st_mtime)
    return ranked(read(trace), steps)


def read(trace: Path) -> dict[str, float]:
    """Seconds by operation, of a trace; the device's own where it has any, else the host's."""
    space = xplane_pb2.XSpace()
    space.ParseFromString(trace.read_bytes())
    devices = [plane for plane in space.planes if plane.name.startswith("/device:GPU")]
    planes = devices or [plane for plane in space.planes if plane.name == "/host:CPU"]
    found: collections.Counter[str] = collections.Counter()
    for plane in planes:
        for line in plane.lines:
            if not line.name.startswith(("TensorFlow", "XLA", "Steps")):  # summaries of the streams
                found.update(own(_events(plane, line, on_device=bool(devices))))
    return dict(found)


def _events(plane: Any, line: Any, *, on_device: bool) -> Iterator[Event]:
    for event in line.events:
        name = plane.event_metadata[event.metadata_id].name
        operation = _OPERATION.match(name)
        if on_device or operation:
            shown = operation[1] if operation else name.partition("<")[0].partition("(")[0]
            yield Event(shown, event.offset_ps, event.duration_ps)


def own(events: Iterable[Event]) -> dict[str, float]:
    """Seconds by name, without those of the events inside.

    Args:
        events: of one thread; two of them are apart, or one is inside the other.
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


def ranked(seconds: Mapping[str, float], steps: int) -> tuple[Operation, ...]:
    """Operations with their shares, the longest first."""
    total = sum(seconds.values())
    operations = (Operation(name, value / steps, value / total) for name, value in seconds.items())
    return tuple(sorted(operations, key=lambda each: -each.seconds))


def table(preset: str, operations: tuple[Operation, ...]) -> Table:
    """The longest of them, and what convolutions and matrix products are together."""
    products = sum(each.share for each in operations if each.is_product)
    rows: tuple[Row, ...] = tuple(
        {"operation": each.name, "ms per step": each.seconds * 1000, "%": each.share * 100}
        for each in operations[:MOST]
    )
    return Table(
        f"Where the time of {preset}'s step goes",
        rows,
        (f"Convolutions and matrix products: {products:.0%} of all operations' time.",),
    )
