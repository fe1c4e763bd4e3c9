"""A family's train step, beside the same network's in PyTorch, and beside the reading of its batches."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from pipelines import console
from tools.benchmarks import timing
from tools.benchmarks.pytorch import has_torch, reference_step
from tools.benchmarks.speed import families, profiling
from tools.benchmarks.speed.flops import flops
from tools.benchmarks.speed.reading import Reading, read
from tools.benchmarks.speed.setup import Setup
from tools.benchmarks.tables import Row, Table
from tools.benchmarks.timing import Act, Make, Spread

_STEPS_BEFORE = 0.5
"""Share of the training after which the step is measured, when all of its networks are trained."""


@dataclasses.dataclass(frozen=True)
class Task:
    """Measurement task of a process: one family's train step.

    Attributes:
        setup: of the benchmark.
        family: its name.
        steps: True if the step is timed, beside PyTorch's where there is one.
        reading: True if the input pipeline is measured.
    """

    setup: Setup
    family: str
    steps: bool
    reading: bool


@dataclasses.dataclass(frozen=True)
class Measured:
    """Measurements of a family.

    Attributes:
        batch: shape of its batches, clips x frames.
        flops: number of floating-point operations of a step.
        taken: seconds of the steps, by side; empty if they were not asked for.
        reading: of the input pipeline; None if it was not asked for.
        hot: operations and their shares of the time; none without --profile.
    """

    batch: str
    flops: int
    taken: dict[str, tuple[float, ...]]
    reading: Reading | None
    hot: tuple[profiling.Operation, ...]


class Ours:
    """A model's train step, as `pipelines.training.loop` does it."""

    def __init__(self, setup: Setup, family: str) -> None:
        """Builds the model; nothing is traced yet."""
        self.candidate = families.candidate(setup, family)
        self.batches = iter(self.candidate.dataset)
        self.batch = {name: tf.identity(x) for name, x in next(self.batches).items()}
        steps = self.candidate.devices.steps(self.candidate.model)
        self._once = tf.function(steps.once, autograph=False)
        model = self.candidate.model
        model.step.assign(round(_STEPS_BEFORE * float(model.total_steps.numpy())))

    def __call__(self, batch: Mapping[str, Any] | None = None) -> float:
        """One step, of the fixed batch or another; waits for its end."""
        returned = self._once(self.batch if batch is None else dict(batch))
        return float(next(iter(returned.values())))

    def flops(self) -> int:
        """Of a step."""
        config = self.candidate.config
        # The only condition in any family's step is whether the vocoder's discriminators are used.
        judged = config.discriminator.begin <= _STEPS_BEFORE if self.candidate.family == "vocoder" else None
        return flops(self._once.get_concrete_function(self.batch).graph, judged)

    def reference(self) -> Act | None:
        """The same step in PyTorch."""
        arrays = {name: np.asarray(x) for name, x in self.batch.items()}
        return reference_step(self.candidate.family, self.candidate.model, arrays)


def tables(setup: Setup, *, steps: bool, reading: bool) -> Iterable[Table]:
    """Those of the parts that are asked for."""
    found = {
        family: timing.apart(measure, Task(setup, family, steps, reading))
        for family in console.progress(setup.presets, "train steps", unit="family")
    }
    if reading:
        yield Table("Input pipeline", tuple(_reading_row(setup, *each) for each in found.items()))
    if steps:
        rows = tuple(_step_row(setup, *each) for each in found.items())
        yield Table("Train step", rows, tuple(_notes(setup)))
    for family, each in found.items():
        if each.hot:
            yield profiling.table(setup.presets[family], each.hot)


def measure(task: Task) -> Measured:
    """Measures a family; to be called in a fresh process."""
    ours = Ours(task.setup, task.family)
    config = ours.candidate.config.data
    acts: dict[str, Act] = {"Coverband": ours}
    if task.steps and (theirs := ours.reference()) is not None:
        acts["PyTorch"] = theirs
    ours()
    setup = task.setup
    return Measured(
        f"{config.batch_size} x {config.frames}",
        ours.flops(),
        timing.alternately(acts, setup.seconds) if task.steps else {},
        read(ours.batches, ours, ours.batch, setup.seconds) if task.reading else None,
        profiling.profile(setup.traces / setup.presets[task.family], ours) if setup.traces else (),
    )


def our_step(setup: Setup, family: str) -> Act:
    """Alone, for its memory."""
    return Ours(setup, family)


def their_step(setup: Setup, family: str) -> Act:
    """PyTorch's; the TensorFlow model lends its shapes, and takes its share of the memory."""
    step = Ours(setup, family).reference()
    assert step is not None
    return step


def _reading_row(setup: Setup, family: str, found: Measured) -> Row:
    reading = found.reading
    assert reading is not None
    return {
        "preset": setup.presets[family],
        "clips x frames": found.batch,
        "batches/s, pipeline": reading.alone,
        "steps/s, fixed batch": reading.fixed,
        "pipeline, times the step": reading.alone.median / reading.fixed.median,
        "steps/s, fed": reading.fed,
        "step waits, %": reading.waiting.times(100),
    }


def _step_row(setup: Setup, family: str, found: Measured) -> Row:
    ours, theirs = found.taken["Coverband"], found.taken.get("PyTorch")
    makes: dict[str, Make] = {"Coverband": functools.partial(our_step, setup, family)}
    if theirs:
        makes["PyTorch"] = functools.partial(their_step, setup, family)
    rate = found.flops / Spread.of(ours).median / 1e9
    return {
        "preset": setup.presets[family],
        "clips x frames": found.batch,
        "PyTorch, ms": Spread.of(theirs).times(1000) if theirs else _missing(),
        "Coverband, ms": Spread.of(ours).times(1000),
        "times as fast": timing.ratio(theirs, ours) if theirs else None,
        "GFLOP": found.flops / 1e9,
        "GFLOP/s": rate,
        "% of peak": rate / setup.peak_tflops / 10 if setup.peak_tflops else None,
        "PyTorch, MB": None,
        **timing.memories(makes, setup.memory),
    }


def _missing() -> str:
    return "no reference" if has_torch() else "pip install torch"


def _notes(setup: Setup) -> Iterable[str]:
    yield (
        f"Networks compute in {setup.precision}. GFLOP are of one step's convolutions and matrix products,"
        " two for each multiply-add."
    )
    if setup.peak_tflops:
        yield f"The device's peak: {setup.peak_tflops:g} TFLOP/s in bfloat16."
