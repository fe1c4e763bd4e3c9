"""Devices that a run is trained on: one or several, of one machine or more."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

from pipelines.errors import UserError
from pipelines.nn.model import BaseModel, mean_over_replicas
from pipelines.nn.precision import computing_in
from pipelines.training.cluster import Cluster
from pipelines.training.config import Execution
from pipelines.training.hardware import Hardware

Batch = Mapping[str, tf.Tensor]
Scalars = dict[str, tf.Tensor]


class Devices:
    """Builds models on all replicas, and shards every batch among them.

    A batch of `data.batch_size` clips is split, so that neither learning rates nor losses are to be scaled
    with the number of replicas.

    Attributes:
        execution: options of the training steps.
        cluster: workers of a multi-worker run; None for this machine alone.
    """

    def __init__(self, execution: Execution | None = None, timeout: float = 300.0) -> None:
        """Creates the distribution strategy; waits for all workers of a cluster.

        Args:
            execution: None for one device.
            timeout: seconds to wait for the other workers.

        Raises:
            UserError: if this machine does not have what is asked.
        """
        self.execution = execution or Execution()
        multi_worker = self.execution.strategy == "multiworker"
        self.cluster = Cluster.of_environment() if multi_worker else None
        self._strategy = _strategy_of(self.execution.strategy, self.cluster, timeout)

    def __str__(self) -> str:
        """Devices of this machine."""
        if self.execution.strategy == "tpu":
            return f"{self.count} TPU cores, TensorFlow {tf.__version__}"
        return str(Hardware.from_machine())

    @property
    def count(self) -> int:
        """Number of replicas, on all machines."""
        return self._strategy.num_replicas_in_sync

    @property
    def is_chief(self) -> bool:
        """True if this process is the chief, the only one that writes."""
        return self.cluster is None or self.cluster.is_chief

    def require_shardable(self, batch_size: int) -> None:
        """Checks that a batch can be split among the replicas.

        Raises:
            UserError: if it cannot, or if gradients are to be accumulated on several replicas.
        """
        if self.count > 1 and self.execution.gradient_accumulation_steps > 1:
            raise UserError(
                f"--gradient_accumulation_steps {self.execution.gradient_accumulation_steps} is for one "
                "device: leave it out, or --strategy"
            )
        if batch_size % self.count:
            raise UserError(
                f"--set data.batch_size={batch_size}: this batch cannot be split among {self.count} devices; "
                f"give a multiple of {self.count}"
            )

    @contextlib.contextmanager
    def building(self) -> Iterator[None]:
        """Context in which models and optimizers are built on all replicas, in the precision of the run."""
        with (
            computing_in(self.execution.precision),
            self._strategy.scope(),
            tf.variable_creator_scope(_mirrored_variable),
        ):
            yield

    def steps(self, model: BaseModel) -> Steps:
        """Function that trains a model, built inside `building`, on some batches."""
        return Steps(self._strategy, model)

    def together(self) -> contextlib.AbstractContextManager[None]:
        """Context of everything that several workers do; see `Cluster.together`."""
        return contextlib.nullcontext() if self.cluster is None else self.cluster.together()

    def barrier(self) -> None:
        """Waits until all workers have reached this point."""
        self.highest(0)

    @contextlib.contextmanager
    def chief_first(self) -> Iterator[None]:
        """Context that the chief enters first, and the other workers when it has left it."""
        if not self.is_chief:
            self.barrier()
        yield
        if self.is_chief:
            self.barrier()

    def highest(self, number: int) -> int:
        """Highest of the numbers that the workers give, once all have given one."""
        if self.cluster is None:
            return number
        return int(_highest(self._strategy, tf.constant(number)).numpy())


class Steps:
    """Trains a model on all replicas, one step or several in one execution."""

    def __init__(self, strategy: tf.distribute.Strategy, model: BaseModel) -> None:
        """Prepares; nothing is traced yet.

        Args:
            strategy: in whose scope the model was built.
            model: compiled.
        """
        self._strategy, self._model = strategy, model
        # Autograph would only cost time: a step is written in tensors, without loops over them.
        self._one = tf.function(self.once, autograph=False)
        self._many = tf.function(self._loop, autograph=False)

    def __call__(self, batches: Sequence[Batch]) -> Scalars:
        """One step for each batch.

        Args:
            batches: of all replicas' clips, by name.

        Returns:
            Output of `train_step`: scalars for one batch, [steps] for several.
        """
        first = dict(batches[0])
        if len(batches) == 1:
            return self._one(first)
        stacked = {name: tf.stack([batch[name] for batch in batches]) for name in first}
        names = self._one.get_concrete_function(first).structured_outputs
        return self._many(stacked, tuple(names))

    def once(self, batch: Batch) -> Scalars:
        """One step of all replicas, each on its shard of the batch."""
        returned = self._strategy.run(self._replica_step, args=(batch,))
        return {name: self._strategy.experimental_local_results(x)[0] for name, x in returned.items()}

    def _loop(self, batches: Batch, names: Sequence[str]) -> Scalars:
        signature = {name: tf.TensorSpec([], tf.float32) for name in names}
        return tf.map_fn(self.once, batches, parallel_iterations=1, fn_output_signature=signature)

    def _replica_step(self, batch: Batch) -> Scalars:
        returned = self._model.train_step({name: _shard(each) for name, each in batch.items()})
        scalars = [tf.cast(x, tf.float32) for x in returned.values()]
        means = tf.unstack(mean_over_replicas(tf.stack(scalars)))
        return dict(zip(returned, means, strict=True))


def _shard(values: tf.Tensor) -> tf.Tensor:
    """This replica's part of a batch [clips, ...]."""
    replica = tf.distribute.get_replica_context()
    count = replica.num_replicas_in_sync
    if count == 1:
        return values
    shards = tf.reshape(values, [count, values.shape[0] // count, *values.shape[1:]])
    return tf.gather(shards, replica.replica_id_in_sync_group)


def _mirrored_variable(create: Callable[..., Any], **arguments: Any) -> Any:
    """Variables that every replica assigns the same value to, which Keras' averages do not declare."""
    if arguments.get("aggregation") in (None, tf.VariableAggregation.NONE):
        arguments["aggregation"] = tf.VariableAggregation.ONLY_FIRST_REPLICA
    return create(**arguments)


@tf.function(autograph=False)
def _highest(strategy: tf.distribute.Strategy, number: tf.Tensor) -> tf.Tensor:
    def ask() -> tf.Tensor:
        devices = tf.distribute.get_replica_context()
        place = tf.one_hot(devices.replica_id_in_sync_group, devices.num_replicas_in_sync, dtype=tf.int32)
        return tf.reduce_max(devices.all_reduce(tf.distribute.ReduceOp.SUM, place * number))

    return strategy.experimental_local_results(strategy.run(ask))[0]


def _strategy_of(name: str, cluster: Cluster | None, wait: float) -> tf.distribute.Strategy:
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
        with cluster.together(begun=False):
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
