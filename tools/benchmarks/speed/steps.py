"""Speed of a family's train step, compared with PyTorch and with the input pipeline."""

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

PROGRESS = 0.5
"""Share of the run that is done: its middle, where all networks are trained."""


@dataclasses.dataclass(frozen=True)
class Task:
    """Measurement task of a process: one family's train step.

    Attributes:
        setup: setup of the benchmark.
        family: name of the family.
        steps: True if the step is timed, compared with its PyTorch reference where there is one.
        reading: True if the input pipeline is measured.
    """

    setup: Setup
    family: str
    steps: bool
    reading: bool


@dataclasses.dataclass(frozen=True)
class Measurements:
    """Measurements of a family.

    Attributes:
        batch: shape of the batches, clips x frames.
        flops: number of floating-point operations of a step.
        seconds: seconds of each step, by framework; empty unless the task asks for them.
        reading: speed of the input pipeline; None unless the task asks for it.
        operations: operations and their shares of the time; empty without --profile.
    """

    batch: str
    flops: int
    seconds: dict[str, tuple[float, ...]]
    reading: Reading | None
    operations: tuple[profiling.Operation, ...]


class KerasStep:
    """Train step of a family's Keras model, as in `pipelines.training.trainer`."""

    def __init__(self, setup: Setup, family: str) -> None:
        """Builds the model and reads a batch; the step is traced by its first call."""
        self.trainable = families.trainable(setup, family)
        self.batches = iter(self.trainable.dataset)
        self.batch = {name: tf.identity(x) for name, x in next(self.batches).items()}
        self._once = self.trainable.train_function(PROGRESS)

    def __call__(self, batch: Mapping[str, Any] | None = None) -> float:
        """Runs one step, of the fixed batch or another, and waits for its result."""
        returned = self._once(self.batch if batch is None else dict(batch))
        return float(next(iter(returned.values())))

    def flops(self) -> int:
        """Floating-point operations of a step."""
        family, config, condition = self.trainable.family, self.trainable.config, None
        # The conditions in the families' steps: the vocoder's discriminators start at some progress, and most
        # of the VAE-GAN's steps have no gradient penalty.
        if family == "vocoder":
            condition = config.discriminator.begin <= PROGRESS
        elif family == "vaegan":
            condition = False
        return flops(self._once.get_concrete_function(self.batch).graph, condition)

    def reference(self) -> Act | None:
        """PyTorch reference of the step; None if there is none."""
        arrays = {name: np.asarray(x) for name, x in self.batch.items()}
        return reference_step(self.trainable.family, self.trainable.model, arrays)


def tables(setup: Setup, *, steps: bool, reading: bool) -> Iterable[Table]:
    """Tables of the train steps and of the input pipeline."""
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
        if each.operations:
            yield profiling.table(setup.presets[family], each.operations)


def measure(task: Task) -> Measurements:
    """Measures a family; to be called in a fresh process."""
    step = KerasStep(task.setup, task.family)
    config = step.trainable.config.data
    acts: dict[str, Act] = {"Coverband": step}
    if task.steps and (reference := step.reference()) is not None:
        acts["PyTorch"] = reference
    step()
    setup = task.setup
    return Measurements(
        f"{config.batch_size} x {config.frames}",
        step.flops(),
        timing.alternately(acts, setup.seconds) if task.steps else {},
        read(step.batches, step, step.batch, setup.seconds) if task.reading else None,
        profiling.profile(setup.traces / setup.presets[task.family], step) if setup.traces else (),
    )


def keras_step(setup: Setup, family: str) -> Act:
    """Keras train step of a family, to measure its memory."""
    return KerasStep(setup, family)


def pytorch_step(setup: Setup, family: str) -> Act:
    """PyTorch reference step of a family; its memory includes the Keras model, whose weights it copies."""
    step = KerasStep(setup, family).reference()
    assert step is not None
    return step


def _reading_row(setup: Setup, family: str, found: Measurements) -> Row:
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


def _step_row(setup: Setup, family: str, found: Measurements) -> Row:
    keras, pytorch = found.seconds["Coverband"], found.seconds.get("PyTorch")
    makes: dict[str, Make] = {"Coverband": functools.partial(keras_step, setup, family)}
    if pytorch:
        makes["PyTorch"] = functools.partial(pytorch_step, setup, family)
    rate = found.flops / Spread.from_values(keras).median / 1e9
    return {
        "preset": setup.presets[family],
        "clips x frames": found.batch,
        "PyTorch, ms": Spread.from_values(pytorch).times(1000) if pytorch else _missing(),
        "Coverband, ms": Spread.from_values(keras).times(1000),
        "times as fast": timing.ratio(pytorch, keras) if pytorch else None,
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
        f"Precision of the networks: {setup.precision}. GFLOP: convolutions and matrix products of one step, "
        "two for each multiply-add."
    )
    if setup.peak_tflops:
        yield f"Peak of the device: {setup.peak_tflops:g} TFLOP/s in bfloat16."
