"""Trains the transcriber on rendered lessons: notes, onsets and drums of any recording.

Presets: transcriber_tiny (two cores, a quarter of an hour), transcriber_base (two cores, half an hour).

    python -m tools render transcription --out lessons/ --size small
    coverband train transcriber --data lessons/ --workdir runs/transcriber
    coverband train transcriber --data lessons/ --workdir runs/transcriber --resume --minutes 60
"""

from __future__ import annotations

from collections.abc import Sequence

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from pipelines.training import flags as training_flags
from pipelines.training.flags import TrainFlags
from pipelines.training.loop import Loop, Outcome
from pipelines.training.nobody import Nobody
from pipelines.training.opening import Run, opened, report
from transcriber.batches import batches
from transcriber.model import TranscriberModel
from transcriber.observer import FILE, TranscriberObserver
from transcriber.presets import PRESETS
from transcriber.transcription_data import Heard, catalogue, heard, statistics


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    console.parse(values, argv, __doc__)
    asked = training_flags.read(values)
    if asked.keep_best is not None or asked.vocoder is not None:
        raise UserError("--keep_best and --vocoder are for translators: leave them out")
    if asked.data_service is not None:
        raise UserError("--data_service is for data folders, and lessons are none: leave it out")
    lessons = catalogue(asked.data)
    with opened("transcriber", PRESETS, asked, spec=None) as run:
        known = {
            split: heard([each for each in lessons if each.split == split], run.config.spec, asked.data)
            for split in ("train", "valid")
        }
        outcome = _train(run, asked, known["train"], known["valid"])
    report(outcome, run.workdir, f"hear with coverband transcribe --transcriber {run.workdir.path / FILE}")


def _train(run: Run, asked: TrainFlags, learnt: Sequence[Heard], measured: Sequence[Heard]) -> Outcome:
    data = run.config.data
    with run.devices.building():
        model = TranscriberModel(run.config)
        model.set_statistics(*statistics(learnt))
    observer = TranscriberObserver(model, run.workdir, measured) if run.devices.is_chief else Nobody()
    return Loop(model, run.workdir, run.budget, asked.cadence, observer, run.devices).run(
        lambda first: batches(
            learnt, frames=data.frames, batch_size=data.batch_size, seed=run.seed, first_step=first
        )
    )


if __name__ == "__main__":
    console.run(main)
