"""Batches by a tf.data service: those that are made here, in their order, whoever goes meanwhile."""

import contextlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.data.experimental import service

from pipelines.data import augmentation
from pipelines.data.batching import ALL_STEPS, unpaired_batches
from pipelines.data.config import AugmentConfig
from pipelines.errors import UserError
from pipelines.training import batch_source
from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.callbacks.limits import Limit
from pipelines.training.config import Budget
from pipelines.training.failures import songs_explained
from pipelines.training.flags import TrainFlags
from pipelines.training.trainer import Outcome, Trainer
from pipelines.training.workdir import RunRecord, Workdir
from tests.data.conftest import corpus  # noqa: F401  (a fixture)
from tests.training import fakes
from tests.training import worker as small

STEPS, FRAMES = 24, 32


class Service:
    """A dispatcher, and workers in this process."""

    def __init__(self, count):
        self.dispatcher = service.DispatchServer(service.DispatcherConfig(port=0))
        self.address = self.dispatcher.target.removeprefix("grpc://")
        self.workers = [self.worker() for _ in range(count)]

    def worker(self):
        config = service.WorkerConfig(dispatcher_address=self.address, heartbeat_interval_ms=100)
        return service.WorkerServer(config)


@contextlib.contextmanager
def worker_process(address, log):
    """A worker as a user starts it; killed at the end, if not before."""
    with socket.create_server(("", 0)) as server:
        port = server.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "coverband.commands.data_worker",
        f"--port={port}",
        f"--dispatcher={address}",
    ]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            while "prepares batches" not in log.read_text():
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
            yield process
        finally:
            process.kill()


@pytest.fixture
def served():
    return Service(2)


@pytest.fixture
def make(corpus):  # noqa: F811
    """Batches with alterations of the step's own."""
    augment = augmentation.from_config(AugmentConfig(noise=0.1), FRAMES, corpus.spec.n_mels)
    return lambda first, step_shard: unpaired_batches(
        corpus, frames=FRAMES, batch_size=2, seed=4, first_step=first, augment=augment, step_shard=step_shard
    )


def flags(tmp_path, address=None, wait=300.0):
    return TrainFlags(tmp_path / "data", tmp_path / "run", data_service=address, worker_timeout=wait)


def train(folder, batches, after=lambda step: None):
    """A run, which calls `after` at every step; its model, its losses and how it ended."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    workdir, model, losses = Workdir(folder), small.Small(), {}
    if not folder.exists():
        workdir.start(RunRecord("tiny", "tiny", 0, {}), fakes.SPEC)

    class Witness(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            losses[batch + 1] = float(logs["distance"])
            after(batch + 1)

    limit = Limit(Budget(steps=STEPS))
    checkpoint = Checkpoint(workdir.checkpoints, 100, extra={"seconds": limit.seconds})
    trainer = Trainer(model, limit=limit, checkpoint=checkpoint, callbacks=[Witness()])
    return model, losses, trainer.fit(batches)


def require_equal(ours, theirs):
    for one, other in zip(ours.variables, theirs.variables, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=one.path)


@pytest.mark.slow
def test_a_run_is_the_same_when_one_of_two_workers_is_killed(make, tmp_path, capsys):
    def few(first, step_shard):
        """Of every batch what the small model takes."""
        return make(first, step_shard).map(lambda batch: {"x": batch["band"][:, 0, :3, 0]})

    served = Service(1)
    with worker_process(served.address, tmp_path / "log") as other:
        batches = batch_source.of(flags(tmp_path, served.address), few)
        model, losses, outcome = train(tmp_path / "fed", batches, lambda step: step == 3 and other.kill())
    assert outcome == Outcome(STEPS, STEPS)
    alone, expected, _ = train(tmp_path / "alone", batch_source.of(flags(tmp_path), few))
    assert losses == expected
    require_equal(model, alone)
    said = capsys.readouterr().err
    assert "2 of the data service's workers prepare the batches from step 0 on" in said
    assert "1 of the data service's workers" in said


@pytest.mark.slow
def test_all_of_two_workers_take_turns_from_any_step(served, make):
    fed = batch_source.service_batches(served.address, make, 5)
    for ours, theirs in zip(itertools.islice(fed, 6), make(5, ALL_STEPS), strict=False):
        for name in theirs:
            np.testing.assert_array_equal(ours[name], theirs[name])
    assert batch_source.workers(served.address) == 2


def test_workers_that_cannot_read_the_songs_are_one_sentence(served, tmp_path):
    def make(first, step_shard):
        shards = tf.data.TFRecordDataset(str(tmp_path / "a.tfrecord"))
        return tf.data.Dataset.zip((step_shard.steps(first), shards))

    with pytest.raises(UserError, match=r"cannot read the songs \(.*a\.tfrecord.*at the same path") as told:
        next(batch_source.service_batches(served.address, make, 0))
    assert "\n" not in str(told.value)


def test_who_waits_hears_the_clock():
    def batches():
        yield 1
        threading.Event().wait()

    source = songs_explained(batch_source.Feed("host:1", batches(), 0.0))
    assert next(source) == 1
    with pytest.raises(UserError, match="the data service at host:1 has given nothing for 0 s: see whether"):
        next(source)


def test_what_goes_wrong_is_told_to_who_waits():
    def batches():
        yield 1
        raise ValueError("that is how it is")

    source = songs_explained(batch_source.Feed("host:1", batches(), 9.0))
    assert next(source) == 1
    with pytest.raises(ValueError, match="that is how it is"):
        next(source)


def test_it_fetches_no_more_than_it_is_asked_for_and_ends():
    numbers = itertools.count()
    feed = batch_source.Feed("host:1", numbers, 9.0)
    with contextlib.closing(songs_explained(feed)) as source:
        assert list(itertools.islice(source, 3)) == [0, 1, 2]
    time.sleep(0.05)
    seen = next(numbers)
    assert seen <= 3 + batch_source._AHEAD + 2
    time.sleep(0.5)
    assert next(numbers) == seen + 1


def starving(first, count, wait):
    """Nothing comes after some batches."""

    def batches():
        yield from itertools.islice(small.batches(first, None), count)
        threading.Event().wait()

    return batch_source.Feed("host:1", batches(), wait)


@pytest.mark.slow
def test_a_run_that_starves_is_saved_and_goes_on(tmp_path):
    folder = tmp_path / "run"
    with pytest.raises(UserError, match="has given nothing for 0 s"):
        train(folder, lambda first: starving(first, 3, 0.0))
    _, _, outcome = train(folder, lambda first: starving(first, 4, 300.0), interrupt_later)
    assert outcome == Outcome(7, 4, signal.SIGINT)
    model, _, outcome = train(folder, lambda first: small.batches(first, None))
    assert outcome == Outcome(STEPS, STEPS - 7)
    alone, _, _ = train(tmp_path / "alone", lambda first: small.batches(first, None))
    require_equal(model, alone)


def interrupt_later(step):
    """When the run has what there is."""
    if step == 7:
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()


def test_who_does_not_answer_and_songs_that_are_not_prepared_are_refused(corpus, tmp_path):  # noqa: F811
    batch_source.require(flags(tmp_path), corpus)
    with pytest.raises(UserError, match=r"--data_service localhost:1 has not answered within 0 s: start it"):
        batch_source.require(flags(tmp_path, "localhost:1", 0.0), corpus)

    class Compressed:
        is_serialisable = False

    with pytest.raises(UserError, match=r"make a data folder with `coverband prepare`"):
        batch_source.require(flags(tmp_path, "localhost:1", 0.0), Compressed())
