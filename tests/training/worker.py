"""One worker of a small run over several processes: a program; TF_CONFIG gives its role.

It trains on noise, prints every step's loss and, on request, kills itself.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pipelines.data.config import CropConfig
from pipelines.errors import UserError
from pipelines.nn.model import BaseModel
from pipelines.nn.optimizers import OptimizerConfig
from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.callbacks.limits import Limit
from pipelines.training.config import Budget, Preset, RunConfig
from pipelines.training.flags import TrainFlags
from pipelines.training.setup import opened
from pipelines.training.trainer import Trainer

STEPS, EVERY = 6, 2


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    preset: str = "small"
    steps: int = STEPS
    data: CropConfig = dataclasses.field(default_factory=lambda: CropConfig(batch_size=4))
    optimizer: OptimizerConfig = dataclasses.field(
        default_factory=lambda: OptimizerConfig(learning_rate=0.05, hold=1.0)
    )


PRESETS = {"small": Preset(Config, "a second")}


class Small(BaseModel):
    """One layer that learns the identity."""

    metric_descriptions = {"distance": "Falls."}  # noqa: RUF012  (never changed)

    def __init__(self) -> None:
        super().__init__(Config(), name="small")
        self.layer = keras.layers.Dense(3)
        self.layer.build((None, 3))

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        return {"layer": self.layer.trainable_variables}

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        config = self.config.optimizer
        return {"layer": config.optimizer(self.schedule(config.learning_rate))}

    def train_step(self, batch: Any) -> dict[str, tf.Tensor]:
        with tf.GradientTape() as tape:
            distance = tf.reduce_mean(tf.square(self.layer(batch["x"]) - batch["x"]))
        self.update("layer", distance, tape)
        return {"distance": distance} | self.end_step()


class Aloud(keras.callbacks.Callback):
    """Prints every loss."""

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        assert logs is not None
        print(f"{batch + 1} {float(logs['distance']):.6f}", flush=True)


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
    with opened("small", PRESETS, flags, None) as run:
        with run.devices.building():
            model = Small()
            model.compile()
        limit = Limit(Budget(STEPS))
        checkpoint = Checkpoint(
            run.workdir.checkpoints, EVERY, extra={"seconds": limit.seconds}, writes=run.devices.is_chief
        )
        trainer = Trainer(model, limit=limit, checkpoint=checkpoint, callbacks=[Aloud()], devices=run.devices)
        trainer.fit(lambda first: batches(first, asked.death))


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        raise SystemExit(f"coverband: {error}") from error
