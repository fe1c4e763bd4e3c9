"""Command-line flags common to the train commands of all families."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from absl import flags

from pipelines.errors import UserError
from pipelines.training import addresses, scores
from pipelines.training.config import PRECISIONS, STRATEGIES, Budget, Cadence, Execution

_EXECUTION = tuple(field.name for field in dataclasses.fields(Execution))
_WORKER_TIMEOUT = 300.0


@dataclasses.dataclass(frozen=True)
class TrainFlags:
    """The command line, checked.

    Attributes:
        data: folder that prepare wrote.
        workdir: folder of the run.
        preset: None for the family's first, or when resuming for the run's own.
        budget: None for the preset's steps.
        changes: of the preset, "key=value" each.
        seed: None for 0, or when resuming for the run's own.
        resume: go on with the run that is in the workdir.
        cadence: how often to log, preview, measure and save.
        keep_best: the metric by which the best translator is kept; None for none, or when resuming for the
            run's own.
        vocoder: makes previews audible, see `pipelines.nn.neural_vocoder.checkpoint.find`; None for
            Griffin-Lim.
        execution: those fields of an `Execution` that are given; others are the run's own, or the default.
        data_service: "host:port" of the tf.data service that prepares the batches; None for this process.
        worker_timeout: seconds until all workers have to be there, and for a batch of the data service.
        init: weights to start from, as the family names them; None for random ones, or when resuming for the
            run's own.
    """

    data: Path
    workdir: Path
    preset: str | None = None
    budget: Budget | None = None
    changes: tuple[str, ...] = ()
    seed: int | None = None
    resume: bool = False
    cadence: Cadence = dataclasses.field(default_factory=Cadence)
    keep_best: str | None = None
    vocoder: Path | None = None
    execution: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    data_service: str | None = None
    worker_timeout: float = _WORKER_TIMEOUT
    init: str | None = None


def define(values: flags.FlagValues, init: str | None = None) -> None:
    """Defines the flags that every train command has.

    Args:
        values: of the command; it may define flags of its own on them, too.
        init: help of --init; None for a family that always starts from random weights.
    """
    if init is not None:
        flags.DEFINE_string("init", None, init, flag_values=values)
    flags.DEFINE_string(
        "data",
        None,
        "A folder by `coverband prepare`; or two folders of songs, CONTENT,BAND, decoded while training.",
        required=True,
        flag_values=values,
    )
    flags.DEFINE_string(
        "workdir",
        None,
        "The run's folder: checkpoints, translator and TensorBoard's logs.",
        required=True,
        flag_values=values,
    )
    flags.DEFINE_string(
        "preset",
        None,
        "Size and recipe, by name (default: the first of those above).",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "steps", None, "Train for this many steps in all (default: the preset's).", flag_values=values
    )
    flags.DEFINE_float(
        "minutes", None, "Train for this many minutes in all, instead of --steps.", flag_values=values
    )
    flags.DEFINE_multi_string(
        "set", [], "Changes one setting of the preset, as --set data.batch_size=8.", flag_values=values
    )
    flags.DEFINE_integer(
        "seed",
        None,
        "Seed of the weights, of the data's order and of all other random numbers (default: 0).",
        lower_bound=0,
        flag_values=values,
    )
    flags.DEFINE_bool(
        "resume",
        False,
        "Continue the run in --workdir, with its own preset, settings and seed.",
        flag_values=values,
    )
    _define_cadence(values)
    flags.DEFINE_string(
        "vocoder",
        None,
        "Vocoder of the previews in TensorBoard and of later translations: the --workdir of a `coverband "
        "train vocoder` run, a vocoder.npz, or shipped for the one that comes with Coverband; the run keeps "
        "it (default: Griffin-Lim).",
        flag_values=values,
    )
    _define_execution(values)
    flags.DEFINE_string(
        "data_service",
        None,
        "host:port of a `coverband data-worker`, whose workers prepare the same batches as this process "
        "would (default: none, this process prepares them).",
        flag_values=values,
    )
    flags.DEFINE_float(
        "worker_timeout",
        _WORKER_TIMEOUT,
        "Seconds to wait for the other workers of --strategy multiworker, and for a batch of --data_service.",
        flag_values=values,
    )


def _define_cadence(values: flags.FlagValues) -> None:
    default = Cadence()
    flags.DEFINE_integer(
        "log_every", default.log_every, "Steps between two points of a TensorBoard curve.", flag_values=values
    )
    flags.DEFINE_integer(
        "summary_every",
        default.summary_every,
        "Steps between two previews as audio and images.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "checkpoint_every", default.checkpoint_every, "Steps between two checkpoints.", flag_values=values
    )
    flags.DEFINE_integer(
        "evaluate_every",
        None,
        "Steps between two evaluations on validation songs, 0 for none (default: as --summary_every).",
        flag_values=values,
    )
    flags.DEFINE_string(
        "keep_best",
        None,
        f"Also keep the translator with the best score, in best/ inside --workdir: by {scores.BALANCE} "
        f"(content and style weighted equally), or by one of {', '.join(scores.METRICS)}.",
        flag_values=values,
    )


def _define_execution(values: flags.FlagValues) -> None:
    """Flags named after the fields of an `Execution`."""
    flags.DEFINE_enum(
        "strategy",
        None,
        STRATEGIES,
        "Devices to train on: none, one device; mirrored, all GPUs of this machine; multiworker, those of "
        "several machines, which TF_CONFIG names; tpu (default: none).",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "precision",
        None,
        PRECISIONS,
        "Precision of the networks: float32; or mixed_bfloat16, for GPUs, TPUs and processors with bfloat16 "
        "instructions; on other processors it is several times slower (default: float32).",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "steps_per_execution",
        None,
        "Steps in one call of the compiled training function (default: 1).",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "gradient_accumulation_steps",
        None,
        "Batches whose gradients are averaged before the weights are updated, where larger batches do not "
        "fit into memory (default: 1).",
        flag_values=values,
    )


def read(values: flags.FlagValues) -> TrainFlags:
    """The flags of `define`, after they have been parsed.

    Raises:
        UserError: if both steps and minutes are given, a number is not possible, or a metric is not known.
    """
    cadence = Cadence(values.log_every, values.summary_every, values.checkpoint_every, values.evaluate_every)
    has_budget = values.steps is not None or values.minutes is not None
    execution = {name: values[name].value for name in _EXECUTION if values[name].value is not None}
    return TrainFlags(
        data=Path(values.data),
        workdir=Path(values.workdir),
        preset=values.preset,
        budget=Budget(values.steps, values.minutes) if has_budget else None,
        changes=tuple(values.set),
        seed=values.seed,
        resume=values.resume,
        cadence=cadence,
        keep_best=_keep_best(values.keep_best, cadence),
        vocoder=Path(values.vocoder) if values.vocoder else None,
        execution=execution,
        data_service=addresses.parsed("data_service", values.data_service) if values.data_service else None,
        worker_timeout=values.worker_timeout,
        init=values.init if "init" in values else None,
    )


def require_none_of_translators(asked: TrainFlags) -> None:
    """Checks the command line of a training that has no translator and no data folder.

    Raises:
        UserError: for a flag that needs one of them.
    """
    if asked.keep_best is not None or asked.vocoder is not None:
        raise UserError("--keep_best and --vocoder are for translators: leave them out")
    if asked.data_service is not None:
        raise UserError("--data_service is for data folders, which transcription data are not: leave it out")


def _keep_best(metric: str | None, cadence: Cadence) -> str | None:
    if metric is None:
        return None
    if not cadence.evaluation_steps:
        raise UserError("--keep_best needs measurements: leave --evaluate_every 0 out")
    return scores.require_metric(metric)
