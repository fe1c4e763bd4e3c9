"""The flags that every family's train command has.

A train binary shows them in its --help by `flags.adopt_module_key_flags(training_flags)`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from absl import flags

from pipelines.errors import UserError
from pipelines.training import addresses, scores
from pipelines.training.budget import Budget
from pipelines.training.cadence import Cadence
from pipelines.training.execution import PRECISIONS, STRATEGIES

_EVERY = Cadence()
_WORKER_WAIT = 300.0

DATA = flags.DEFINE_string(
    "data",
    None,
    "The folder that coverband prepare wrote; or two folders of songs, CONTENT,BAND, decoded in training.",
    required=True,
)
WORKDIR = flags.DEFINE_string(
    "workdir", None, "The run's folder: checkpoints, translator and TensorBoard's logs.", required=True
)
PRESET = flags.DEFINE_string("preset", None, "Size and recipe, by name (default: the first of those above).")
STEPS = flags.DEFINE_integer("steps", None, "Train so many steps in all (default: the preset's).")
MINUTES = flags.DEFINE_float("minutes", None, "Train so many minutes in all, instead of --steps.")
SET = flags.DEFINE_multi_string("set", [], "Changes one setting of the preset, as --set data.batch_size=8.")
SEED = flags.DEFINE_integer(
    "seed", None, "Of the weights, the data's order and every draw (default: 0).", lower_bound=0
)
RESUME = flags.DEFINE_bool(
    "resume", False, "Go on with the run in --workdir, by its own preset, settings and seed."
)
LOG_EVERY = flags.DEFINE_integer("log_every", _EVERY.log_every, "Steps between two points of a curve.")
SUMMARY_EVERY = flags.DEFINE_integer(
    "summary_every", _EVERY.summary_every, "Steps between two previews in sound and pictures."
)
CHECKPOINT_EVERY = flags.DEFINE_integer(
    "checkpoint_every", _EVERY.checkpoint_every, "Steps between two checkpoints."
)
EVALUATE_EVERY = flags.DEFINE_integer(
    "evaluate_every",
    None,
    "Steps between two measurements on validation songs, 0 for none (default: as --summary_every).",
)
KEEP_BEST = flags.DEFINE_string(
    "keep_best",
    None,
    f"Keep the translator that measured best, too, in best/ inside --workdir: by {scores.BALANCE} (notes and "
    f"sound alike), or by one of {', '.join(scores.METRICS)}.",
)
VOCODER = flags.DEFINE_string(
    "vocoder",
    None,
    "What makes a translator's sounds, in TensorBoard and later: the --workdir of a `coverband train "
    "vocoder` run, a vocoder.npz, or shipped for the one that comes with Coverband; the run keeps it "
    "(default: Griffin-Lim).",
)

_EXECUTION: dict[str, flags.FlagHolder] = {
    "strategy": flags.DEFINE_enum(
        "strategy",
        None,
        STRATEGIES,
        "What to train on: none, one device; mirrored, all GPUs of this machine; multiworker, those of "
        "several machines, which TF_CONFIG names; tpu (default: none).",
    ),
    "precision": flags.DEFINE_enum(
        "precision",
        None,
        PRECISIONS,
        "What networks compute in: float32; or mixed_bfloat16, for GPUs and TPUs (default: float32).",
    ),
    "steps_per_execution": flags.DEFINE_integer(
        "steps_per_execution", None, "Steps that the device does on its own before it is asked (default: 1)."
    ),
    "gradient_accumulation_steps": flags.DEFINE_integer(
        "gradient_accumulation_steps",
        None,
        "Batches whose gradients are averaged before the weights are updated, where larger batches do not fit into "
        "memory (default: 1).",
    ),
}
DATA_SERVICE = flags.DEFINE_string(
    "data_service",
    None,
    "host:port of a `coverband data-worker`: its workers prepare the batches, the same ones as here (default: none, "
    "this process prepares them).",
)
WORKER_TIMEOUT = flags.DEFINE_float(
    "worker_timeout",
    _WORKER_WAIT,
    "Seconds to wait for the other workers of --strategy multiworker, and for a batch of --data_service.",
)


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
        vocoder: makes previews audible, see `vocoder_file.find`; None for Griffin-Lim.
        execution: those fields of an `Execution` that are given; others are the run's own, or the default.
        data_service: "host:port" of the tf.data service that prepares the batches; None for this process.
        worker_timeout: seconds until all workers have to be there, and for a batch of the data service.
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
    worker_timeout: float = _WORKER_WAIT


def parsed() -> TrainFlags:
    """The values of the flags, after absl has parsed them.

    Raises:
        UserError: if both steps and minutes are given, a number is not possible, or a metric is not known.
    """
    cadence = Cadence(LOG_EVERY.value, SUMMARY_EVERY.value, CHECKPOINT_EVERY.value, EVALUATE_EVERY.value)
    given = STEPS.value is not None or MINUTES.value is not None
    return TrainFlags(
        data=Path(DATA.value),
        workdir=Path(WORKDIR.value),
        preset=PRESET.value,
        budget=Budget(STEPS.value, MINUTES.value) if given else None,
        changes=tuple(SET.value),
        seed=SEED.value,
        resume=RESUME.value,
        cadence=cadence,
        keep_best=_keep_best(cadence),
        vocoder=Path(VOCODER.value) if VOCODER.value else None,
        execution={name: flag.value for name, flag in _EXECUTION.items() if flag.value is not None},
        data_service=addresses.parsed("data_service", DATA_SERVICE.value) if DATA_SERVICE.value else None,
        worker_timeout=WORKER_TIMEOUT.value,
    )


def _keep_best(cadence: Cadence) -> str | None:
    if KEEP_BEST.value is None:
        return None
    if not cadence.evaluation_steps:
        raise UserError("--keep_best needs measurements: leave --evaluate_every 0 out")
    return scores.require_metric(KEEP_BEST.value)
