"""A small family: networks, two Adams, an average, a pool, a dropout, randomness from the step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.nn.translator import TranslatorCard
from pipelines.training.remedies import Remedies

SPEC = AudioSpec(sample_rate=8000, n_fft=256, hop_length=64, n_mels=16, fmax=4000.0)
FRAMES = 32
RATE = 1e-2


class TinyModel(keras.Model):
    """See `pipelines.training.protocol.Trainable`."""

    def __init__(self, rate: float = RATE) -> None:
        super().__init__(name="tiny")
        self.rate = rate
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.progress = tf.Variable(0.0, trainable=False)
        self.generator = self._network("generator")
        self.translator = self._network("translator", dropout=0.0)
        self.judge = self._network("judge")
        self.pool = tf.Variable(tf.zeros((2, FRAMES, SPEC.n_mels, 1)), trainable=False)
        self.optimizers = {"judge": keras.optimizers.Adam(RATE)}
        self.generator_optimizer = keras.optimizers.Adam(RATE)
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.optimizers["judge"].build(self.judge.trainable_variables)
        self.remedies = Remedies("Louder.", "Softer.", "More.", "Less.", "Slower.", ("discriminator/band",))
        self.curves = {"distance": "Falls.", "discriminator/band": "Stays between 0.1 and 0.25."}

    @staticmethod
    def _network(name: str, dropout: float = 0.1) -> keras.Model:
        mels = keras.Input((None, SPEC.n_mels, 1))
        hidden = keras.layers.Conv2D(4, 3, padding="same", activation="tanh")(mels)
        hidden = keras.layers.Dropout(dropout, seed=3)(hidden)
        return keras.Model(mels, keras.layers.Conv2D(1, 3, padding="same")(hidden), name=name)

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        rate = self.rate * (1 - self.progress)
        self.generator_optimizer.learning_rate.assign(rate)
        noise = tf.random.stateless_normal(
            tf.shape(batch["content"]), tf.stack([7, tf.cast(self.step, tf.int32)])
        )
        with tf.GradientTape() as tape:
            fake = self.generator(batch["content"] + 0.1 * noise, training=True)
            distance = tf.reduce_mean(tf.abs(fake - batch["band"]))
        variables = self.generator.trainable_variables
        self.generator_optimizer.apply(tape.gradient(distance, variables), variables)
        judged = self._judge_step(batch["band"], fake)
        for average, weight in zip(
            self.translator.variables, self.generator.trainable_variables, strict=False
        ):
            average.assign(0.5 * average + 0.5 * weight)
        self.step.assign_add(1)
        return {"distance": distance, "discriminator/band": judged, "rate/generator": rate}

    def _judge_step(self, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            past = self.judge(self.pool, training=True)
            loss = tf.reduce_mean((self.judge(real) - 1) ** 2) + tf.reduce_mean(past**2)
        variables = self.judge.trainable_variables
        self.optimizers["judge"].apply(tape.gradient(loss, variables), variables)
        self.pool.assign(fake)
        return loss

    def preview(self, log_mels: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        translation = self.translator(log_mels["content"])
        return {"translation": translation, "cycle": self.translator(translation)}

    def translator_card(self) -> TranslatorCard:
        return TranslatorCard("tiny", "tiny", int(self.step.numpy()), context_frames=2, time_multiple=1)


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


class FakeJudge:
    """Stands for the measurement of validation songs: a balance that is told for each step."""

    source: ClassVar[dict[str, float]] = {"style/kad": 40.0, "score/balance": 0.0}
    band: ClassVar[dict[str, float]] = {"style/kad": 1.25}

    def __init__(self, model: TinyModel, balance: Mapping[int, float]) -> None:
        self.model, self.balance = model, balance

    def __call__(self) -> dict[str, float]:
        step = int(self.model.step.numpy())
        return {"score/balance": self.balance[step]} if step in self.balance else {}
