"""Steps of every family on two devices, compiled and in mixed precision: a program.

A process of its own, for the two devices are made before TensorFlow starts.
"""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from pipelines.nn.precision import MIXED, computing_in
from pipelines.nn.translator import load_translator
from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.config import Execution
from pipelines.training.distribution import Devices
from tests.contracts import ModelContract, state
from tests.training import families

WAYS = {
    "mirrored": Execution("mirrored"),
    "mixed_bfloat16": Execution(precision="mixed_bfloat16"),
    "compiled": Execution(),
}


class Trained(NamedTuple):
    """A step's losses, and the trainable variables before and after it."""

    losses: dict[str, float]
    before: np.ndarray
    after: np.ndarray


# One strategy to a process: those of a second one would take the first one's messages for their own.
_devices = functools.cache(Devices)


def flat(model: Any) -> np.ndarray:
    """All trainable variables, [numbers]."""
    variables = ModelContract.trained_variables(model)
    return np.concatenate([np.ravel(variable.numpy()) for variable in variables])


def trained(name: str, execution: Execution, compiled: bool = False) -> Trained:
    """One step of a family's model; unless it is compiled, without a graph, which saves minutes."""
    family, devices = families.FAMILIES[name], _devices(execution)
    keras.backend.clear_session()
    with devices.building():
        model = family.build()
    step = devices.steps(model).once
    if compiled:
        step = tf.function(step, autograph=False, jit_compile=True)
    before = flat(model)
    losses = step(family.batch(0))
    return Trained({name: float(loss) for name, loss in losses.items()}, before, flat(model))


def compared(one: Trained, other: Trained) -> dict[str, Any]:
    """Losses of two steps, and the distance between their weights as a share of the first step's update."""
    np.testing.assert_array_equal(one.before, other.before)
    apart = np.abs(other.after - one.after).mean() / np.abs(one.after - one.before).mean()
    return {"one": one.losses, "other": other.losses, "apart": float(apart)}


def resumed(folder: Path) -> dict[str, Any]:
    """Largest differences of weights: after three steps on two devices, and after a resumption."""
    family, devices = families.FAMILIES["content_decoder"], _devices(WAYS["mirrored"])

    def new() -> Any:
        keras.backend.clear_session()
        with devices.building():
            return family.build()

    whole, first, second = new(), new(), new()
    checkpoints = [Checkpoint(folder / "resumed", 1) for _ in range(2)]
    for checkpoint, model in zip(checkpoints, (first, second), strict=True):
        checkpoint.set_model(model)
    for step in range(3):
        devices.steps(whole).once(family.batch(step))
    devices.steps(first).once(family.batch(0))
    checkpoints[0].save()
    checkpoints[1].restore()
    for step in (1, 2):
        devices.steps(second).once(family.batch(step))
    replicas = [devices._strategy.experimental_local_results(v.value) for v in second.variables]
    apart = max(float(np.abs(np.subtract(*map(np.asarray, each))).max()) for each in replicas)
    return {"apart": float(np.abs(flat(second) - flat(whole)).max()), "replicas_apart": apart}


def kept(folder: Path) -> dict[str, Any]:
    """Checks of the checkpoint and the translator that two devices in mixed precision save.

    The checkpoint is restored on one device; the loaded translator is compared with the model's preview.
    """
    family, devices = families.FAMILIES["content_decoder"], _devices(WAYS["mirrored"])
    keras.backend.clear_session()
    with devices.building(), computing_in(MIXED):
        model = family.build()
    devices.steps(model).once(family.batch(0))
    checkpoint = Checkpoint(folder / "checkpoints", 1)
    checkpoint.set_model(model)
    checkpoint.save()
    model.save_translator(folder / "translator")
    loaded = load_translator(folder / "translator").model
    clips = family.batch(1)
    translation = np.asarray(model.preview(clips)["translation"], np.float32)
    keras.backend.clear_session()
    alone = family.build()
    checkpoint = Checkpoint(folder / "checkpoints", 1)
    checkpoint.set_model(alone)
    checkpoint.restore()
    pairs = zip(state(model).values(), state(alone).values(), strict=True)
    return {
        "restored": all(np.array_equal(*pair) for pair in pairs),
        "apart": float(np.abs(loaded(clips["content"]) - translation).max()),
        "computes_in": sorted({layer.compute_dtype for layer in loaded._flatten_layers()}),
    }


def main() -> None:
    """Prints a line of JSON for each family and way, and for what two devices keep and resume."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    for name in families.FAMILIES:
        one = trained(name, Execution())
        for way, execution in WAYS.items():
            found = compared(one, trained(name, execution, way == "compiled"))
            print(json.dumps({"family": name, "way": way, **found}), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({"family": "content_decoder", "way": "kept", **kept(Path(folder))}))
        print(json.dumps({"family": "content_decoder", "way": "resumed", **resumed(Path(folder))}))


if __name__ == "__main__":
    main()
