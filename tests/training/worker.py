"""One worker of a small run over several processes: a program, told who it is by TF_CONFIG.

It trains on noise, says every step's loss on standard output and, if it is told to, kills itself.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.nn.apply_gradients import descend
from pipelines.training.budget import Budget
from pipelines.training.cadence import Cadence
from pipelines.training.flags import TrainFlags
from pipelines.training.loop import Loop
from pipelines.training.nobody import Nobody
from pipelines.training.opening import opened

STEPS, EVERY = 6, 2


@dataclasses.dataclass(frozen=True)
class Data:
    batch_size: int = 4


@dataclasses.dataclass(frozen=True)
class Config:
    preset: str = "small"
    steps: int = STEPS
    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    data: Data = Data()


class Small(keras.Model):
    """One layer that learns to do nothing; see `pipelines.training.protocol.Learner`."""

    def __init__(self) -> None:
        super().__init__()
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.progress = tf.Variable(0.0, trainable=False)
        self.layer = keras.layers.Dense(3)
        self.layer.build((None, 3))
        self.adam = keras.optimizers.Adam(0.05)
        self.adam.build(self.layer.trainable_variables)
        self.curves = {"distance": "Falls."}

    def train_step(self, batch: Any) -> dict[str, tf.Tensor]:
        variables = self.layer.trainable_variables
        with tf.GradientTape() as tape:
            distance = tf.reduce_mean(tf.square(self.layer(batch["x"]) - batch["x"]))
        descend(tape.gradient(distance, variables), self.adam, variables)
        self.step.assign_add(1)
        return {"distance": distance}


class Aloud(Nobody):
    """Says every loss."""

    def __init__(self) -> None:
        self.events = self

    def scalars(self, step: int, values: Any, curves: Any) -> None:
        print(f"{step} {values['distance']:.6f}", flush=True)

    def text(self, *_: Any) -> None: ...

    def close(self) -> None: ...


def batches(first: int, death: int | None) -> Iterator[dict[str, tf.Tensor]]:
    """Without end; this process kills itself before step `death`."""
    step = first
    while True:
        if step == death:
            os.kill(os.getpid(), signal.SIGKILL)
        yield {"x": tf.constant(np.random.default_rng(step).normal(size=(4, 3)), tf.float32)}
        step += 1


def main() -> None:
    """Trains as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workdir", type=Path)
    parser.add_argument("--strategy", default="multiworker")
    parser.add_argument("--death", type=int)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--wait", type=float, default=120.0)
    asked = parser.parse_args()
    flags = TrainFlags(
        Path("data"),
        asked.workdir,
        resume=asked.resume,
        execution={"strategy": asked.strategy},
        worker_timeout=asked.wait,
    )
    with opened("small", {"small": Config}, flags, None) as run:
        with run.devices.building():
            model = Small()
        cadence = Cadence(1, 100, EVERY, 0)
        loop = Loop(model, run.workdir, Budget(STEPS), cadence, Aloud(), run.devices)
        loop.run(lambda first: batches(first, asked.death))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        raise SystemExit(f"coverband: {error}") from error
