"""Devices that a run trains on: one or several, of one machine or more."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import tensorflow as tf

from pipelines.errors import UserError
from pipelines.nn import parts
from pipelines.nn.precision import computing_in
from pipelines.training.cluster import Cluster
from pipelines.training.execution import Execution
from pipelines.training.hardware import Hardware
from pipelines.training.protocol import Learner
from pipelines.training.strategies import strategy_of

Batch = Mapping[str, tf.Tensor]
Scalars = dict[str, tf.Tensor]


class Devices:
    """Builds models on all devices, and has each of them do its share of every step.

    A batch of `data.batch_size` clips is dealt out to the devices (see `pipelines.nn.parts`), so that a run
    on several of them learns what it would on one: neither rates nor losses are to be scaled.

    Attributes:
        execution: how steps are carried out.
        cluster: the machines; None for this one alone.
    """

    def __init__(self, execution: Execution | None = None, wait: float = 300.0) -> None:
        """Finds the devices; with several machines, waits until all are there.

        Args:
            execution: None for one device.
            wait: seconds.

        Raises:
            UserError: if this machine cannot do what is asked.
        """
        self.execution = execution or Execution()
        several = self.execution.strategy == "multiworker"
        self.cluster = Cluster.of_environment() if several else None
        self._strategy = strategy_of(self.execution.strategy, self.cluster, wait)

    def __str__(self) -> str:
        """Those of this machine."""
        if self.execution.strategy == "tpu":
            return f"{self.count} TPU cores, TensorFlow {tf.__version__}"
        return str(Hardware.from_machine())

    @property
    def count(self) -> int:
        """Devices of all machines."""
        return self._strategy.num_replicas_in_sync

    @property
    def is_chief(self) -> bool:
        """True if this process is the chief, the only one that writes."""
        return self.cluster is None or self.cluster.is_chief

    def require_dealt(self, batch_size: int) -> None:
        """Checks that every device gets as many clips in every turn.

        Raises:
            UserError: if it does not.
        """
        if batch_size % (parts_ := self.count * self.execution.accumulate):
            raise UserError(
                f"--set data.batch_size={batch_size}: so many clips cannot be dealt out to {self.count} "
                f"devices times --accumulate {self.execution.accumulate}; give a multiple of {parts_}"
            )

    def more_turns(self, batch_size: int) -> int | None:
        """The next larger `--accumulate` that `require_dealt` takes; None if there is none."""
        largest = batch_size // self.count
        turns = range(self.execution.accumulate + 1, largest + 1)
        return next((each for each in turns if batch_size % (self.count * each) == 0), None)

    @contextlib.contextmanager
    def building(self) -> Iterator[None]:
        """Inside, models and their optimizers are built on all devices, in the precision asked for."""
        with (
            computing_in(self.execution.precision),
            self._strategy.scope(),
            tf.variable_creator_scope(_alike),
        ):
            yield

    def steps(self, model: Learner) -> Steps:
        """A function that trains the model on some batches, one after the other.

        Args:
            model: built inside `building`.

        Returns:
            See `Steps`.
        """
        return Steps(self._strategy, model, self.execution.accumulate)

    def together(self) -> contextlib.AbstractContextManager[None]:
        """Around all that the devices do: see `Cluster.together`."""
        return contextlib.nullcontext() if self.cluster is None else self.cluster.together()

    def meet(self) -> None:
        """Waits until all workers have come here."""
        self.highest(0)

    @contextlib.contextmanager
    def chief_first(self) -> Iterator[None]:
        """Inside is first the chief; once it has come out, so are the others."""
        if not self.is_chief:
            self.meet()
        yield
        if self.is_chief:
            self.meet()

    def highest(self, number: int) -> int:
        """The highest of the numbers that the workers have, once all have asked."""
        if self.cluster is None:
            return number
        return int(_highest(self._strategy, tf.constant(number)).numpy())


class Steps:
    """Trains a model on all devices, one step or several in one execution."""

    def __init__(self, strategy: tf.distribute.Strategy, model: Learner, turns: int) -> None:
        """Nothing is traced yet.

        Args:
            strategy: in whose scope the model was built.
            model: in training.
            turns: in which a device takes its clips.
        """
        self._strategy, self._model, self._turns = strategy, model, turns
        # Autograph would only cost time: a step is written in tensors, without loops over them.
        self._one = tf.function(self.once, autograph=False)
        self._many = tf.function(self._loop, autograph=False)

    def __call__(self, batches: Sequence[Batch], progress: Sequence[float]) -> Scalars:
        """One step for each batch.

        Args:
            batches: of all devices' clips, by name.
            progress: at each step.

        Returns:
            What the steps return: scalars of one batch, of several [steps].
        """
        shares = tf.constant(progress, tf.float32)
        first = dict(batches[0])
        if len(batches) == 1:
            return self._one(first, shares[0])
        stacked = {name: tf.stack([batch[name] for batch in batches]) for name in first}
        names = self._one.get_concrete_function(first, shares[0]).structured_outputs
        return self._many(stacked, shares, tuple(names))

    def once(self, batch: Batch, progress: tf.Tensor) -> Scalars:
        """One step of all devices; each keeps its own clips of the batch."""
        self._model.progress.assign(progress)
        returned = self._strategy.run(self._dealt, args=(batch,))
        return {name: self._strategy.experimental_local_results(x)[0] for name, x in returned.items()}

    def _loop(self, batches: Batch, progress: tf.Tensor, names: Sequence[str]) -> Scalars:
        return tf.map_fn(
            lambda each: self.once(*each),
            (batches, progress),
            parallel_iterations=1,
            fn_output_signature={name: tf.TensorSpec([], tf.float32) for name in names},
        )

    def _dealt(self, batch: Batch) -> Scalars:
        """One device's step on its shard, in micro-batches: returns the means of scalars over all devices."""
        own = {name: parts.own(each) for name, each in batch.items()}
        returned = parts.in_turns(self._turn, own, self._turns)
        means = tf.unstack(parts.mean(tf.stack(list(returned.values()))))
        return dict(zip(returned, means, strict=True))

    def _turn(self, clips: Batch) -> Scalars:
        returned = self._model.train_step(clips)
        if not parts.is_last():
            self._model.step.assign_sub(1)  # The step is not over yet.
        return {name: tf.cast(x, tf.float32) for name, x in returned.items()}


def _alike(create: Callable[..., Any], **arguments: Any) -> Any:
    """Every variable is given the same value on all devices, by each of them."""
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
