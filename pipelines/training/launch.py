"""From the command line to a running experiment: the part of a train binary that all families share."""

from __future__ import annotations

import dataclasses
import difflib
import signal
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import keras

from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.data.batching import unpaired_batches, validation_clips
from pipelines.data.reader import Corpus
from pipelines.errors import UserError
from pipelines.training import experiment, overrides
from pipelines.training.best import Best
from pipelines.training.budget import Budget
from pipelines.training.evaluation import Evaluation
from pipelines.training.flags import TrainFlags
from pipelines.training.judge import Judge
from pipelines.training.protocol import Trainable
from pipelines.training.runs import RunRecord, Workdir
from pipelines.training.validation import ValidationSongs

CLIPS = 3
CLIP_SECONDS = 4.0


class DataConfig(Protocol):
    """What a step sees."""

    @property
    def frames(self) -> int:
        """Length of a clip."""

    @property
    def batch_size(self) -> int:
        """Clips of each domain."""


class RunConfig(Protocol):
    """What every family's configuration has; it is a frozen dataclass."""

    @property
    def steps(self) -> int:
        """Training steps when the command line says nothing else."""

    @property
    def spec(self) -> AudioSpec:
        """Of the log-mels; taken from the data."""

    @property
    def data(self) -> DataConfig:
        """What a step sees."""


@dataclasses.dataclass(frozen=True)
class Family:
    """What a family brings.

    Attributes:
        name: "cyclegan", for instance.
        presets: by name, functions that make a configuration; the first is the default.
        build: makes the model, with everything built, from a configuration and the data.
    """

    name: str
    presets: Mapping[str, Callable[[], Any]]
    build: Callable[[Any, Corpus], Trainable]


def run(family: Family, flags: TrainFlags) -> None:
    """Trains as the command line says, and exits like any interrupted program when a signal stopped it.

    Raises:
        UserError: if the data, the workdir or a flag does not fit.
        SystemExit: 130 after Ctrl-C, 143 after SIGTERM; what was learnt is saved.
    """
    corpus, workdir = Corpus.load(flags.data), Workdir(flags.workdir)
    with workdir.locked():
        config, record = _resolved(family, flags, workdir, corpus.spec)
        if flags.resume:
            workdir.require_same(record, corpus.spec, str(flags.data))
        else:
            workdir.start(record, corpus.spec)
        best = Best.of(workdir, flags.keep_best)
        outcome = _train(family, flags, workdir, corpus, config, record.seed, best)
    _report(outcome, workdir, best)


def _resolved(family: Family, flags: TrainFlags, workdir: Workdir, spec: AudioSpec) -> tuple[Any, RunRecord]:
    """What the flags ask for; when resuming, the run's own settings where they say nothing."""
    stored = workdir.record() if flags.resume else None
    if stored is not None and flags.preset is None and stored.family == family.name:
        cls = type(_preset(family, stored.preset))
        config, preset = overrides.from_dict(cls, stored.config), stored.preset
    else:
        preset = flags.preset or next(iter(family.presets))
        config = dataclasses.replace(_preset(family, preset), spec=spec)
    config = overrides.apply(config, flags.changes)
    config.spec.require_equal(spec, "--set", str(flags.data))
    seed = flags.seed if flags.seed is not None else stored.seed if stored else 0
    return config, RunRecord(family.name, preset, seed, overrides.to_dict(config))


def _preset(family: Family, name: str) -> Any:
    if name not in family.presets:
        near = difflib.get_close_matches(name, family.presets) or list(family.presets)
        raise UserError(
            f"--preset {name}: there is no such preset of {family.name}; name {' or '.join(near)}"
        )
    return family.presets[name]()


def _train(
    family: Family,
    flags: TrainFlags,
    workdir: Workdir,
    corpus: Corpus,
    config: RunConfig,
    seed: int,
    best: Best | None,
) -> experiment.Outcome:
    keras.utils.set_random_seed(seed)
    model = family.build(config, corpus)
    budget = flags.budget or Budget(steps=config.steps)
    console.say(
        f"training {family.name} in {workdir.path}: {budget}; listen with tensorboard --logdir {workdir.path}"
    )
    return experiment.train(
        model,
        lambda first: unpaired_batches(
            corpus, frames=config.data.frames, batch_size=config.data.batch_size, seed=seed, first_step=first
        ),
        workdir=workdir,
        spec=corpus.spec,
        budget=budget,
        clips=validation_clips(corpus, frames=_frames(corpus, model), count=CLIPS),
        cadence=flags.cadence,
        evaluation=Evaluation(lambda: _judge(corpus, model), best),
    )


def _judge(corpus: Corpus, model: Trainable) -> Judge:
    songs = ValidationSongs.of(corpus, model.translator_card().time_multiple)
    return Judge(songs, model.translator)


def _frames(corpus: Corpus, model: Trainable) -> int:
    """Frames of a validation clip: about `CLIP_SECONDS`, in whole steps of the translator's grid."""
    multiple = model.translator_card().time_multiple
    wanted = min(round(CLIP_SECONDS * corpus.spec.frame_rate), corpus.segment_frames)
    return max(wanted // multiple, 1) * multiple


def _report(outcome: experiment.Outcome, workdir: Workdir, best: Best | None) -> None:
    if best is not None:
        console.say(str(best))
    if outcome.signal is None:
        console.say(f"{outcome.step} steps done; translate with --model {workdir.path}")
        return
    name = signal.Signals(outcome.signal).name
    console.say(f"stopped by {name} and saved at step {outcome.step}; add --resume to go on")
    raise SystemExit(128 + outcome.signal)
