"""The distribution strategies of TensorFlow, by the names that the command line has for them."""

from __future__ import annotations

import os

import tensorflow as tf

from pipelines.errors import UserError
from pipelines.training.cluster import Cluster


def strategy_of(name: str, cluster: Cluster | None, wait: float) -> tf.distribute.Strategy:
    """Makes a strategy.

    Args:
        name: see `Execution`.
        cluster: whose workers train together; None for this machine alone.
        wait: seconds until all of them have to be there.

    Raises:
        UserError: if this machine cannot do it.
    """
    if cluster is not None:
        cluster.gather(wait)
        with cluster.together():
            return tf.distribute.MultiWorkerMirroredStrategy()
    return {"none": tf.distribute.get_strategy, "mirrored": _mirrored, "tpu": _tpu}[name]()


def _mirrored() -> tf.distribute.Strategy:
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    names = [device.name.removeprefix("/device:") for device in devices]
    if len(names) < 2:
        raise UserError(
            f"--strategy mirrored: this machine has one device for training, {names[0]}: leave the flag out "
            "here, or train on a machine with several GPUs"
        )
    return tf.distribute.MirroredStrategy(names)


def _tpu() -> tf.distribute.Strategy:
    name = os.environ.get("TPU_NAME") or "local"
    try:
        if name == "local" and not tf.config.list_physical_devices("TPU"):
            raise ValueError("it has none")
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver.connect(name)
        return tf.distribute.TPUStrategy(resolver)
    except (ValueError, RuntimeError, OSError, tf.errors.OpError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise UserError(
            f"--strategy tpu: no TPU can be used from this machine ({reason}): leave the flag out here, or "
            "set TPU_NAME on a machine that reaches one"
        ) from error
