import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.callbacks.limits import Limit
from pipelines.training.callbacks.tensorboard import Scalars
from pipelines.training.config import Budget
from pipelines.training.summaries import Events
from pipelines.training.trainer import Outcome, Trainer
from pipelines.training.workdir import RunRecord, Workdir
from tests.transcriber import scenes
from transcriber import transcription_data
from transcriber.batches import batches
from transcriber.callbacks import PianoRolls, TranscriptionEvaluation
from transcriber.model import TranscriberModel
from transcriber.train import save_network

STEPS = 6


class Trained(NamedTuple):
    """A run in the real loop, and how it ended."""

    model: TranscriberModel
    workdir: Workdir
    outcome: Outcome


def train(workdir: Workdir, stop: int | None = None) -> Trained:
    """A new model trains or goes on; at step `stop` the process gets the signal that Ctrl-C sends."""
    model = scenes.model()
    model.set_statistics(*transcription_data.statistics(scenes.of_split("train")))

    def data(first: int) -> Iterator[dict[str, object]]:
        drawn = batches(
            scenes.of_split("train"), frames=scenes.FRAMES, batch_size=2, seed=scenes.SEED, first_step=first
        )
        for step, batch in enumerate(drawn, first):
            if step == stop:
                os.kill(os.getpid(), signal.SIGINT)
            yield batch

    limit, events, valid = Limit(Budget(STEPS)), Events(workdir.logs), scenes.of_split("valid")
    checkpoint = Checkpoint(
        workdir.checkpoints,
        every=4,
        save_network=lambda: save_network(workdir, model),
        extra={"seconds": limit.seconds},
    )
    callbacks = [
        Scalars(events, 1, limit=limit, checkpoint=checkpoint),
        PianoRolls(valid, events, 4),
        TranscriptionEvaluation(valid, events, 4),
    ]
    trainer = Trainer(model, limit=limit, checkpoint=checkpoint, callbacks=callbacks)
    return Trained(model, workdir, trainer.fit(data))


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Workdir]:
    """Makes the folder of a new run."""

    def start() -> Workdir:
        workdir = Workdir(tmp_path_factory.mktemp("runs") / "run")
        workdir.start(
            RunRecord("transcriber", "transcriber_tiny", scenes.SEED, {"steps": STEPS}), scenes.SPEC
        )
        return workdir

    return start


@pytest.fixture(scope="session")
def whole(started: Callable[[], Workdir]) -> Trained:
    """A run of a few steps without a stop."""
    return train(started())


@pytest.fixture(scope="session")
def decoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of transcription data, all of them decoded."""
    folder = tmp_path_factory.mktemp("decoded") / "transcription_data"
    scenes.write_folder(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transcription_data.worker_pool, "run", scenes.in_process)
        transcription_data.load_examples(transcription_data.catalogue(folder), scenes.SPEC, folder)
    return folder
