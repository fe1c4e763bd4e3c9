"""Trains the transcriber of notes, onsets and drums on rendered recordings.

Presets: transcriber_tiny (two cores, a quarter of an hour), transcriber_base (two cores, half an hour).

    python -m tools render transcription --out transcription_data/ --size small
    coverband train transcriber --data transcription_data/ --workdir runs/transcriber
    coverband train transcriber --data transcription_data/ --workdir runs/transcriber --resume --minutes 60
    coverband train transcriber --data transcription_data/ --workdir runs/tuned --init shipped --steps 1500
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from pipelines.training import flags as training_flags
from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.callbacks.limits import Limit
from pipelines.training.callbacks.tensorboard import Scalars
from pipelines.training.flags import TrainFlags
from pipelines.training.setup import Run, opened, report
from pipelines.training.summaries import Events
from pipelines.training.trainer import Outcome, Trainer
from pipelines.training.workdir import Workdir
from transcriber import checkpoint
from transcriber.batches import batches
from transcriber.callbacks import PianoRolls, TranscriptionEvaluation, transcriber_of
from transcriber.config import PRESETS, Config
from transcriber.loaders import FILE
from transcriber.model import TranscriberModel
from transcriber.transcriber import Transcriber
from transcriber.transcription_data import Example, catalogue, load_examples, statistics

_INIT = (
    "The transcriber.npz of a run to start from, or shipped for the pretrained one (default: random "
    "weights). A resumed run goes on from its own."
)


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values, _INIT)
    console.parse(values, argv, __doc__)
    asked = training_flags.read(values)
    training_flags.require_none_of_translators(asked)
    recordings = catalogue(asked.data)
    with opened("transcriber", PRESETS, asked, spec=None) as run:
        initial = None if run.init is None else _initial(run.init, run.config)
        examples = {
            split: load_examples(
                [each for each in recordings if each.split == split], run.config.spec, asked.data
            )
            for split in ("train", "valid")
        }
        outcome = _train(run, asked, examples["train"], examples["valid"], initial)
    report(
        outcome, run.workdir, f"transcribe with coverband transcribe --transcriber {run.workdir.path / FILE}"
    )


def _initial(name: str, config: Config) -> Transcriber:
    """The transcriber that --init names.

    Raises:
        UserError: if there is none, or it has other settings than the run.
    """
    initial = checkpoint.load() if name == "shipped" else checkpoint.load(Path(name))
    if (initial.config, initial.spec) != (config.network, config.spec):
        raise UserError(
            "the transcriber of --init has other settings of network or spec than the run: leave them as "
            "they are, or start from random weights"
        )
    return initial


def _train(
    run: Run,
    flags: TrainFlags,
    train: Sequence[Example],
    valid: Sequence[Example],
    initial: Transcriber | None,
) -> Outcome:
    data = run.config.data
    with run.devices.building():
        model = TranscriberModel(run.config)
        if initial is None:
            model.set_statistics(*statistics(train))
        else:
            model.start_from(initial.network)
        model.compile(gradient_accumulation_steps=run.gradient_accumulation_steps)
    limit = Limit(run.budget)
    saved = Checkpoint(
        run.workdir.checkpoints,
        flags.cadence.checkpoint_every,
        save_network=lambda: save_network(run.workdir, model),
        extra={"seconds": limit.seconds},
        writes=run.devices.is_chief,
    )
    events, cadence = Events(run.workdir.logs), flags.cadence
    callbacks = [
        Scalars(events, cadence.log_every, settings=run.settings, limit=limit, checkpoint=saved),
        PianoRolls(valid, events, cadence.summary_every),
        TranscriptionEvaluation(valid, events, cadence.evaluation_steps),
    ]
    trainer = Trainer(
        model,
        limit=limit,
        checkpoint=saved,
        callbacks=callbacks if run.devices.is_chief else [],
        devices=run.devices,
    )
    return trainer.fit(
        lambda first: batches(
            train,
            frames=data.frames,
            batch_size=data.batch_size,
            seed=run.seed,
            first_step=first,
            twins=bool(run.config.loss.consistency),
        )
    )


def save_network(workdir: Workdir, model: TranscriberModel) -> None:
    """Writes the transcriber of a model's current weights into the folder of its run."""
    facts = {"preset": model.config.preset, "steps": int(model.step.numpy())}
    checkpoint.save(workdir.path / FILE, transcriber_of(model), facts)


if __name__ == "__main__":
    console.run(main)
