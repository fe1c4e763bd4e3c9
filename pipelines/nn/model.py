"""Base classes of the models: optimizers, schedules, averaged weights, seeds and configuration."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import keras
import tensorflow as tf

from pipelines import configuration
from pipelines.errors import UserError
from pipelines.nn.remedies import Remedies
from pipelines.nn.schedules import ConstantThenLinearDecay
from pipelines.nn.translator import DISCRIMINATOR_FILE, input_names, save_translator, translate
from pipelines.nn.translator_card import CLOSENESS, STYLE_FILE, TranslatorCard

Batch = Mapping[str, tf.Tensor]
Scalars = dict[str, tf.Tensor]


class BaseModel(keras.Model, abc.ABC):
    """Model with one or several optimizers, each for some of its variables, and a custom `train_step`.

    A subclass builds all of its networks in the constructor, names the variables that each optimizer trains
    (`trained_variables`), makes the default optimizers (`default_optimizers`) and writes `train_step`, which
    ends with `end_step`. Everything that changes in training is a variable of the model or of an optimizer,
    so that a checkpoint holds it; random numbers are drawn statelessly from the run's seed and the step, so
    that a resumed run draws what an uninterrupted one would have drawn.

    Attributes:
        config: frozen dataclass, with at least `preset`, `steps`, `spec` and `data`.
        step: training steps done, int64 scalar.
        total_steps: length of the training in steps, float32 scalar, by which the schedules are scaled.
        metric_descriptions: for each name that `train_step` returns, a sentence on its expected course.
    """

    config_class: ClassVar[type]
    presets: ClassVar[Mapping[str, Any]]
    metric_descriptions: ClassVar[Mapping[str, str]]

    def __init__(self, config: Any, **kwargs: Any) -> None:
        """Creates the counters.

        Args:
            config: of the run.
            kwargs: of `keras.Model`.
        """
        super().__init__(**kwargs)
        self.config = config
        # From the seed of the run (keras.utils.set_random_seed).
        seed = random.randrange(2**31)
        self.step = self._counter("step", 0, "int64")
        self.total_steps = self._counter("total_steps", config.steps, "float32")
        self.seed = self._counter("seed", seed, "int32")
        self.optimizers: dict[str, keras.optimizers.Optimizer] = {}
        self.built = True

    def _counter(self, name: str, value: float, dtype: str) -> keras.Variable:
        return self.add_weight(
            shape=(),
            initializer=keras.initializers.Constant(value),
            dtype=dtype,
            trainable=False,
            aggregation="only_first_replica",
            name=name,
        )

    def gate(self, name: str) -> keras.Variable:
        """Factor of a learning rate, see `schedule`: 0 in a step that does not update a network."""
        return self._counter(f"{name}_gate", 1.0, "float32")

    @property
    @abc.abstractmethod
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables that each optimizer trains, by the optimizer's name."""

    @abc.abstractmethod
    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """Optimizers of the configuration, by name."""

    def compile(
        self,
        optimizers: Mapping[str, keras.optimizers.Optimizer] | None = None,
        *,
        total_steps: float | None = None,
        gradient_accumulation_steps: int | None = None,
        **options: Any,
    ) -> None:
        """Attaches optimizers and creates their variables.

        Args:
            optimizers: by the names of `trained_variables`; those of the configuration for the others.
            total_steps: length of the training, by which the schedules are scaled; the configuration's if
                None.
            gradient_accumulation_steps: batches whose gradients are averaged before the weights are updated,
                with the default optimizers.
            options: `jit_compile`, `steps_per_execution` and `run_eagerly` of `keras.Model.compile`.

        Raises:
            ValueError: if there is no optimizer of a given name.
        """
        if total_steps is not None:
            self.total_steps.assign(total_steps)
        given = dict(optimizers or {})
        if unknown := set(given) - set(self.trained_variables):
            raise ValueError(
                f"no optimizer of the name {', '.join(unknown)}; known: {', '.join(self.trained_variables)}"
            )
        self.optimizers = {**self.default_optimizers(), **given}
        for name, variables in self.trained_variables.items():
            if name not in given:
                self.optimizers[name].gradient_accumulation_steps = gradient_accumulation_steps
            self.optimizers[name].build(list(variables))
        # The slot of Keras stays empty: at its end, fit would replace the weights of every network by one
        # optimizer's averages.
        super().compile(optimizer=None, **{"jit_compile": False, **options})

    def update(self, name: str, loss: tf.Tensor, tape: tf.GradientTape) -> None:
        """Applies the gradient of a loss to the variables of one optimizer.

        On several replicas, the loss is the mean over the replica's clips; the gradient is their mean.

        Args:
            name: of the optimizer.
            loss: scalar.
            tape: that recorded it.
        """
        variables = self.trained_variables[name]
        self.apply_gradients(name, tape.gradient(loss, variables))

    def apply_gradients(self, name: str, gradients: Sequence[tf.Tensor]) -> None:
        """Applies gradients to the variables of one optimizer; see `update`."""
        # An optimizer sums over replicas.
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        scaled = [gradient / replicas for gradient in gradients] if replicas > 1 else gradients
        self.optimizers[name].apply(scaled, self.trained_variables[name])

    def end_step(self) -> Scalars:
        """Counts the step.

        Returns:
            The learning rates of the step, as "learning_rate/NAME".
        """
        rates = {
            f"learning_rate/{name}": optimizer.learning_rate for name, optimizer in self.optimizers.items()
        }
        self.step.assign_add(1)
        return {name: tf.convert_to_tensor(rate) for name, rate in rates.items()}

    @property
    def progress(self) -> tf.Tensor:
        """Share of the training that is done, float32 scalar in [0, 1]."""
        return tf.minimum(tf.cast(self.step, tf.float32) / tf.cast(self.total_steps, tf.float32), 1.0)

    def schedule(
        self, learning_rate: float, gate: keras.Variable | None = None, warm_up: int = 0
    ) -> ConstantThenLinearDecay:
        """Schedule of a learning rate over this model's training; see `ConstantThenLinearDecay`."""
        hold = self.config.optimizer.hold
        return ConstantThenLinearDecay(learning_rate, hold, self.total_steps, gate, warm_up)

    def seeds(self, count: int) -> Iterator[tf.Tensor]:
        """Seeds of this step for `tf.random.stateless_*`, int32 [2] each, other ones on each replica.

        Args:
            count: how many there are at most; with another number, all are others.
        """
        seed = tf.stack([tf.cast(self.seed, tf.int32), tf.cast(self.step, tf.int32)])
        replica = tf.distribute.get_replica_context()
        if replica is not None and replica.num_replicas_in_sync > 1:
            seed = tf.random.fold_in(seed, replica.replica_id_in_sync_group)
        return iter(tf.unstack(tf.random.split(seed, count)))

    @contextlib.contextmanager
    def averaged(self) -> Iterator[None]:
        """Context in which the networks have their averaged weights, see `OptimizerConfig.averaged`."""
        owners = [
            (optimizer, list(self.trained_variables[name]))
            for name, optimizer in self.optimizers.items()
            if optimizer.use_ema and int(optimizer.iterations.numpy())
        ]
        raw = [[variable.numpy() for variable in variables] for _, variables in owners]
        for optimizer, variables in owners:
            optimizer.finalize_variable_values(variables)
        try:
            yield
        finally:
            for (_, variables), values in zip(owners, raw, strict=True):
                for variable, value in zip(variables, values, strict=True):
                    variable.assign(value)

    @property
    def state(self) -> list[keras.Variable]:
        """Every variable that training changes, the optimizers' included, each once."""
        moments = (variable for optimizer in self.optimizers.values() for variable in optimizer.variables)
        return list({id(variable): variable for variable in (*self.variables, *moments)}.values())

    def get_config(self) -> dict[str, Any]:
        """Configuration as plain values, from which `from_config` builds an equal model."""
        return {"config": configuration.to_dict(self.config)}

    def get_compile_config(self) -> dict[str, Any]:
        """Arguments of `compile` for a saved model, with the optimizers of its configuration."""
        return {"total_steps": float(self.total_steps.numpy())}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles a loaded model; see `get_compile_config`."""
        self.compile(**config)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> BaseModel:
        """Model of a configuration; its weights are new."""
        return cls(configuration.from_dict(cls.config_class, config["config"]))


class TranslationModel(BaseModel):
    """Model that trains a translator of log-mels.

    A family with style conditioning has a `style_encoder`: log-mel [batch, frames, n_mels, 1] -> latents
    [batch, positions, dimensions], whose mean over the positions is a latent of the translator's layer
    "latent" (`pipelines.nn.fixed_latent.FixedLatent`); one with a single discriminator has `discriminator`.
    Both are saved beside the translator.

    Called on log-mels [batch, frames, n_mels, 1] it returns their translations, of the same shape, by the
    present weights.

    Attributes:
        translator: network, see `pipelines.nn.translator.translate`; averaged inside `averaged()`.
        remedies: advice of the family on what the health checks may find.
    """

    family: ClassVar[str]
    remedies: ClassVar[Remedies]
    translator: keras.Model

    @classmethod
    def from_preset(cls, preset: str, data: Any, changes: Iterable[str] = ()) -> TranslationModel:
        """Model of a preset.

        Args:
            preset: a key of `presets`.
            data: opened data folder, whose spec and statistics the model gets.
            changes: settings, "group.key=value" each.

        Raises:
            UserError: for an unknown preset or setting.
        """
        if preset not in cls.presets:
            raise UserError(
                f"there is no preset {preset!r} of {cls.family}: choose from {', '.join(cls.presets)}"
            )
        config = dataclasses.replace(cls.presets[preset].config(), spec=data.spec)
        return cls.from_data(configuration.apply(config, changes), data)

    @classmethod
    @abc.abstractmethod
    def from_data(cls, config: Any, data: Any) -> TranslationModel:
        """Model with the statistics of an opened data folder."""

    def call(self, log_mels: tf.Tensor) -> tf.Tensor:
        """Translations of log-mels [batch, frames, n_mels, 1]; frames are a multiple of the card's."""
        return translate(self.translator, log_mels)

    def preview(self, log_mels: Batch) -> dict[str, tf.Tensor]:
        """Outputs of the networks for fixed clips.

        Args:
            log_mels: "content" and "band", log-mels [count, frames, n_mels, 1].

        Returns:
            "translation" of the content clips and, where the family has one, their "cycle" back.
        """
        return {"translation": self(log_mels["content"])}

    @property
    @abc.abstractmethod
    def frame_geometry(self) -> tuple[int, int]:
        """Context frames on either side of a frame, and the multiple that the number of frames must be of."""

    def save_translator(self, folder: str | Path) -> None:
        """Writes the translator by its averaged weights, for `coverband.load` and `coverband translate`.

        With it go its card, and the style encoder and the discriminator of a family that has them.

        Args:
            folder: made or replaced, whole or not at all.
        """
        names = {STYLE_FILE: "style_encoder", DISCRIMINATOR_FILE: "discriminator"}
        submodels = {
            file: network
            for file, name in names.items()
            if isinstance(network := getattr(self, name, None), keras.Model)
        }
        with self.averaged():
            save_translator(
                Path(folder), self.translator, self.config.spec, self.translator_card(), submodels
            )

    def translator_card(self) -> TranslatorCard:
        """Model card of the translator."""
        closeness = CLOSENESS in input_names(self.translator)
        steps = int(self.step.numpy())
        return TranslatorCard(self.family, self.config.preset, steps, *self.frame_geometry, closeness)


def mean_over_replicas(value: tf.Tensor) -> tf.Tensor:
    """Mean of a tensor over all replicas, without a gradient; the tensor itself on one."""
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return value
    return replica.all_reduce(tf.distribute.ReduceOp.MEAN, value)


def track_mean(average: keras.Variable, value: tf.Tensor, momentum: float) -> None:
    """Updates an exponential moving average of a statistic, over the clips of all replicas.

    Args:
        average: of the value's shape.
        value: the mean over this replica's clips.
        momentum: share of the old average that is kept.
    """
    value = mean_over_replicas(tf.stop_gradient(value))
    average.assign(momentum * average + (1 - momentum) * value)
