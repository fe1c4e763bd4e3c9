"""Setup of a run from the command line: configuration, workdir, devices and budget."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import signal
from collections.abc import Iterator
from typing import Any

import keras

from pipelines import configuration, console
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.training.callbacks.checkpoint import newest_step, saved_steps
from pipelines.training.config import Budget, Execution, Presets
from pipelines.training.distribution import Devices
from pipelines.training.failures import disk_explained, memory_explained
from pipelines.training.flags import TrainFlags
from pipelines.training.trainer import Outcome
from pipelines.training.workdir import RunRecord, Workdir


@dataclasses.dataclass(frozen=True)
class Run:
    """Run that is about to begin, or to go on.

    Attributes:
        workdir: folder of the run, locked.
        config: configuration of the family, a `RunConfig`.
        seed: of the weights, the order of the data and all random numbers; already set for Keras.
        budget: of training.
        devices: of training; the model is to be built inside `devices.building()`.
        init: weights to start from, as the family names them; None for random ones, or if a checkpoint holds
            the run's own.
    """

    workdir: Workdir
    config: Any
    seed: int
    budget: Budget
    devices: Devices
    init: str | None = None

    @property
    def gradient_accumulation_steps(self) -> int | None:
        """Batches per update, as `BaseModel.compile` takes it."""
        steps = self.devices.execution.gradient_accumulation_steps
        return steps if steps > 1 else None

    @property
    def settings(self) -> dict[str, Any]:
        """Settings for TensorBoard: family, seed and configuration."""
        record = self.workdir.record()
        return {"family": record.family, "seed": record.seed, **record.config}


@contextlib.contextmanager
def opened(family: str, presets: Presets, flags: TrainFlags, spec: AudioSpec | None) -> Iterator[Run]:
    """Context of the run that the flags describe, new or resumed, whose folder is locked.

    Args:
        family: "cyclegan", for instance.
        presets: of the family.
        flags: the command line.
        spec: of the data; None if the configuration says it.

    Raises:
        UserError: if the workdir or a flag does not fit.
    """
    workdir = Workdir(flags.workdir)
    with (
        disk_explained(workdir.path, lambda: newest_step(workdir.checkpoints)),
        contextlib.ExitStack() as held,
    ):
        config, record = _resolved(family, presets, flags, workdir, spec)
        budget = flags.budget or Budget(steps=config.steps)
        devices = _devices(record, budget, flags.worker_timeout)
        console.say(f"training on {devices}")
        devices.require_shardable(config.data.batch_size)
        held.enter_context(devices.together())
        with devices.chief_first():
            if devices.is_chief:
                held.enter_context(workdir.locked())
                _begin(workdir, record, config.spec, flags)
        held.enter_context(memory_explained(lambda: newest_step(workdir.checkpoints), config.data.batch_size))
        keras.utils.set_random_seed(record.seed)
        console.say(
            f"training {family} in {workdir.path}: {budget}; watch with tensorboard --logdir {workdir.path}"
        )
        init = None if saved_steps(workdir.checkpoints) else record.init
        with _abandoned_if_refused(workdir, is_new=devices.is_chief and not flags.resume):
            yield Run(workdir, config, record.seed, budget, devices, init)
        devices.barrier()


@contextlib.contextmanager
def _abandoned_if_refused(workdir: Workdir, is_new: bool) -> Iterator[None]:
    """Takes back a new run whose settings turn out not to fit, so that it can be started with others."""
    try:
        yield
    except UserError:
        if is_new:
            workdir.abandon()
        raise


def _devices(record: RunRecord, budget: Budget, wait: float) -> Devices:
    execution = Execution.of(record.execution, {})
    if execution.strategy == "multiworker" and budget.minutes is not None:
        raise UserError("--minutes is not for --strategy multiworker, whose clocks differ: give --steps")
    return Devices(execution, wait)


def _begin(workdir: Workdir, record: RunRecord, spec: AudioSpec, flags: TrainFlags) -> None:
    """Starts the folder of the run, or makes sure that it is the run that goes on."""
    if not flags.resume:
        workdir.start(record, spec)
        return
    workdir.require_same(record, spec, str(flags.data))
    if workdir.record() != record:
        given = str(Execution.of(record.execution, {}))
        console.say(f"from now on: {given or 'on one device, in float32'}")
        workdir.write(record)
    if not saved_steps(workdir.checkpoints):
        console.say(f"{workdir.checkpoints} holds no checkpoint: the run starts at step 0")


def _resolved(
    family: str, presets: Presets, flags: TrainFlags, workdir: Workdir, spec: AudioSpec | None
) -> tuple[Any, RunRecord]:
    """Configuration and record of the run, from the flags; a resumed run's own settings are the defaults."""
    stored = workdir.record() if flags.resume else None
    if stored is not None and flags.preset is None and stored.family == family:
        cls = type(_preset(family, presets, stored.preset))
        config, preset = configuration.from_dict(cls, stored.config), stored.preset
    else:
        preset = flags.preset or next(iter(presets))
        config = _preset(family, presets, preset)
        config = _of_data(config, spec, flags) if spec is not None else config
    config = configuration.apply(config, flags.changes)
    if spec is not None:
        config.spec.require_equal(spec, "--set", str(flags.data))
    seed = flags.seed if flags.seed is not None else stored.seed if stored else 0
    execution = Execution.of(stored.execution if stored else {}, flags.execution)
    init = flags.init if flags.init is not None else stored.init if stored else None
    return config, RunRecord(
        family, preset, seed, configuration.to_dict(config), dataclasses.asdict(execution), init
    )


def _of_data(config: Any, spec: AudioSpec, flags: TrainFlags) -> Any:
    try:
        return dataclasses.replace(config, spec=spec)
    except ValueError as error:
        raise UserError(f"{flags.data} does not fit --preset {config.preset}: {error}") from error


def _preset(family: str, presets: Presets, name: str) -> Any:
    if name not in presets:
        near = difflib.get_close_matches(name, presets) or list(presets)
        raise UserError(f"--preset {name}: there is no such preset of {family}; name {' or '.join(near)}")
    return presets[name].config()


def report(outcome: Outcome, workdir: Workdir, use: str) -> None:
    """Says how it ended and what to do next; exits like any interrupted program if a signal stopped it."""
    if outcome.signal is None:
        console.say(f"{outcome.step} steps done; {use}")
        return
    name = signal.Signals(outcome.signal).name
    console.say(f"stopped by {name} and saved at step {outcome.step}; add --resume to go on")
    raise SystemExit(128 + outcome.signal)
