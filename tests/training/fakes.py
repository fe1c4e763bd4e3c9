"""A small family: two networks, two optimizers, averaged weights, a pool, dropout, random numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.data.config import DataConfig
from pipelines.nn.model import Batch, Scalars, TranslationModel
from pipelines.nn.optimizers import AdversarialOptimizerConfig
from pipelines.nn.remedies import Remedies
from pipelines.training.config import Preset, RunConfig

SPEC = AudioSpec(sample_rate=8000, n_fft=256, hop_length=64, n_mels=16, fmax=4000.0)
FRAMES = 32
RATE = 1e-2


@dataclasses.dataclass(frozen=True)
class Config(RunConfig):
    preset: str = "tiny_base"
    steps: int = 2
    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    data: DataConfig = dataclasses.field(default_factory=lambda: DataConfig(frames=FRAMES, batch_size=2))
    optimizer: AdversarialOptimizerConfig = dataclasses.field(
        default_factory=lambda: AdversarialOptimizerConfig(
            learning_rate=RATE, discriminator_learning_rate=RATE, hold=0.0, ema_momentum=0.5
        )
    )

    def __post_init__(self) -> None:
        if self.spec.n_mels % 2:
            raise ValueError("n_mels must be even")


class TinyModel(TranslationModel):
    family = "tiny"
    config_class = Config
    presets: ClassVar[Mapping[str, Preset]] = {
        "tiny_base": Preset(Config, "two seconds"),
        "tiny_large": Preset(lambda: Config(preset="tiny_large", steps=3), "three seconds"),
    }
    remedies = Remedies("Louder.", "Softer.", "More.", "Less.", "Slower.", ("discriminator/band",))
    metric_descriptions: ClassVar[Mapping[str, str]] = {
        "distance": "Falls.",
        "discriminator/band": "Stays between 0.1 and 0.25.",
        "learning_rate/generator": "Falls.",
        "learning_rate/discriminator": "Falls.",
    }

    def __init__(self, config: Config | None = None) -> None:
        super().__init__(config or Config(spec=SPEC), name="tiny")
        self.translator = self._network("generator")
        self.discriminator = self._network("discriminator")
        self.pool = self.add_weight(
            shape=(2, FRAMES, SPEC.n_mels, 1), initializer="zeros", trainable=False, name="pool"
        )

    @classmethod
    def from_data(cls, config: Config, data: Any) -> TinyModel:
        return cls(config)

    @staticmethod
    def _network(name: str) -> keras.Model:
        mels = keras.Input((None, SPEC.n_mels, 1))
        hidden = keras.layers.Conv2D(4, 3, padding="same", activation="tanh")(mels)
        hidden = keras.layers.Dropout(0.1, seed=3)(hidden)
        return keras.Model(mels, keras.layers.Conv2D(1, 3, padding="same")(hidden), name=name)

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        return {
            "generator": self.translator.trainable_variables,
            "discriminator": self.discriminator.trainable_variables,
        }

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        config = self.config.optimizer
        return {
            "generator": config.optimizer(self.schedule(config.learning_rate), **config.averaged()),
            "discriminator": config.discriminator_optimizer(
                self.schedule(config.discriminator_learning_rate)
            ),
        }

    def train_step(self, batch: Batch) -> Scalars:
        (seed,) = self.seeds(1)
        noise = tf.random.stateless_normal(tf.shape(batch["content"]), seed)
        with tf.GradientTape() as tape:
            fake = self.translator(batch["content"] + 0.1 * noise, training=True)
            distance = tf.reduce_mean(tf.abs(fake - batch["band"]))
        self.update("generator", distance, tape)
        with tf.GradientTape() as tape:
            past = self.discriminator(self.pool, training=True)
            loss = tf.reduce_mean((self.discriminator(batch["band"]) - 1) ** 2) + tf.reduce_mean(past**2)
        self.update("discriminator", loss, tape)
        self.pool.assign(fake)
        return {"distance": distance, "discriminator/band": loss} | self.end_step()

    def preview(self, log_mels: Batch) -> dict[str, tf.Tensor]:
        translation = self.translator(log_mels["content"])
        return {"translation": translation, "cycle": self.translator(translation)}

    @property
    def frame_geometry(self) -> tuple[int, int]:
        return 2, 1


def batch_of(step: int) -> dict[str, tf.Tensor]:
    """The data of one step: a function of the step alone."""
    noise = np.random.default_rng(step).uniform(-1, 1, (2, 2, FRAMES, SPEC.n_mels, 1)).astype(np.float32)
    return {"content": tf.constant(noise[0]), "band": tf.constant(noise[1])}


def batches(first: int, before: Callable[[int], None] = lambda step: None) -> Iterator[dict[str, tf.Tensor]]:
    """Batches without end; `before` is called with the number of each step first."""
    step = first
    while True:
        before(step)
        yield batch_of(step)
        step += 1


def clips(count: int = 2) -> dict[str, np.ndarray]:
    """Fixed validation clips: quiet noise of different levels."""
    generator = np.random.default_rng(0)
    shape = (count, SPEC.samples(FRAMES))
    return {
        domain: 0.1 * generator.standard_normal(shape).astype(np.float32) for domain in ("content", "band")
    }


class FakeEvaluator:
    """Stands for the evaluator on validation songs: a balance that is given for each step."""

    source: ClassVar[dict[str, float]] = {"style/kad": 40.0, "score/balance": 0.0}
    band: ClassVar[dict[str, float]] = {"style/kad": 1.25}

    def __init__(self, model: TinyModel, balance: Mapping[int, float]) -> None:
        self.model, self.balance = model, balance

    def __call__(self) -> dict[str, float]:
        step = int(self.model.step.numpy())
        return {"score/balance": self.balance[step]} if step in self.balance else {}
