"""Trains a base: a VAE-GAN of many bands, on excerpts that were rendered by two ensembles each.

Presets: base_tiny (two cores, two hours).

    python -m tools render transcription --out transcription_data/ --size full --ensembles 2
    coverband train base --data transcription_data/ --workdir runs/base
    coverband train base --data transcription_data/ --workdir runs/more --init runs/base/base.npz
    coverband train vaegan --data data/ --workdir runs/mine --preset vaegan_base --init runs/base/base.npz
"""

from __future__ import annotations

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from pipelines.training import flags as training_flags
from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.callbacks.limits import Limit
from pipelines.training.callbacks.tensorboard import Scalars
from pipelines.training.setup import Run, opened, report
from pipelines.training.summaries import Events
from pipelines.training.trainer import Outcome, Trainer
from transcriber import checkpoint as transcribers
from vaegan.base import checkpoint
from vaegan.base.callbacks import PairErrors
from vaegan.base.config import PRESETS
from vaegan.base.model import Base
from vaegan.base.pairs import Pairs, batches
from vaegan.base.recordings import TranscribedRecording, load

FILE = "base.npz"
"""Name of the base in the folder of a run."""

_INIT = (
    "The base.npz of a run to start from, or shipped for the one that comes with Coverband (default: random "
    "weights). A resumed run goes on from its own."
)


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values, _INIT)
    console.parse(values, argv, __doc__)
    asked = training_flags.read(values)
    training_flags.require_none_of_translators(asked)
    transcriber = transcribers.load()
    with opened(Base.family, PRESETS, asked, spec=None) as run:
        transcriber.spec.require_equal(run.config.spec, "the transcriber", "the run")
        recordings = {split: load(transcriber, asked.data, split) for split in ("train", "valid")}
        with run.devices.building():
            model = Base.from_recordings(run.config, transcriber, recordings["train"])
            if run.init is not None:
                checkpoint.start_from(model, checkpoint.named(run.init))
            model.compile(gradient_accumulation_steps=run.gradient_accumulation_steps)
        outcome = _train(run, asked, model, recordings)
    use = f"--preset vaegan_base --init {run.workdir.path / FILE}"
    report(outcome, run.workdir, f"start a band's training from it with coverband train vaegan {use}")


def _train(
    run: Run, asked: training_flags.TrainFlags, model: Base, recordings: dict[str, list[TranscribedRecording]]
) -> Outcome:
    config = run.config
    try:
        train, valid = (
            Pairs(recordings[split], config.data.frames, config.style_frames) for split in ("train", "valid")
        )
    except ValueError as error:
        raise UserError(f"{asked.data} holds no twins ({error}): render it with --ensembles 2") from error
    limit, cadence = Limit(run.budget), asked.cadence
    saved = Checkpoint(
        run.workdir.checkpoints,
        cadence.checkpoint_every,
        save_network=lambda: checkpoint.save(run.workdir.path / FILE, model, _facts(model)),
        extra={"seconds": limit.seconds},
        writes=run.devices.is_chief,
    )
    events = Events(run.workdir.logs)
    callbacks = [
        Scalars(events, cadence.log_every, settings=run.settings, limit=limit, checkpoint=saved),
        PairErrors(valid, events, cadence.evaluation_steps),
    ]
    trainer = Trainer(
        model,
        limit=limit,
        checkpoint=saved,
        callbacks=callbacks if run.devices.is_chief else [],
        devices=run.devices,
    )
    return trainer.fit(lambda first: batches(train, config.data.batch_size, run.seed, first))


def _facts(model: Base) -> dict[str, int | str]:
    return {"preset": model.config.preset, "steps": int(model.step.numpy())}


if __name__ == "__main__":
    console.run(main)
