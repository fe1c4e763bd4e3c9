"""The vocoder while it learns: the band's recordings from their log-mels and an altered recording's phases.

First by distances of spectra alone, then with discriminators, too, as Yang et al. 2021, "Multi-band MelGAN",
section 3.2.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import keras
import tensorflow as tf

from pipelines.audio.features import stft_to_log_mel
from pipelines.audio.stft import istft, stft
from pipelines.nn import schedules
from pipelines.nn.adversarial import Hinge
from pipelines.nn.apply_gradients import descend
from pipelines.nn.averaging import track_average
from pipelines.nn.discriminators import features_of, logits_of
from pipelines.nn.neural_vocoder.inverter import NeuralInverter, VocoderCard
from pipelines.nn.neural_vocoder.signal import Start, corrected, features, partly_sourced
from pipelines.nn.seeds import of_step
from vocoder.augmentation import altered, softened
from vocoder.config import Config
from vocoder.discriminators import build_judges
from vocoder.losses import FLOOR, feature_matching, log_difference, mel_error, multi_stft
from vocoder.metric_descriptions import CURVES
from vocoder.networks import build_network, context_frames, phase_bins

Scalars = dict[str, tf.Tensor]
Translate = Callable[[tf.Tensor], tf.Tensor]
_HINGE = Hinge()


class Example(NamedTuple):
    """Training batch of one step.

    Attributes:
        truth: the band's waveforms [batch, samples], without the ends that few frames reach.
        magnitude: of the band's spectra, [batch, frames, bins].
        log_mel: the vocoder's conditioning, [batch, frames, n_mels, 1].
        start: magnitudes and phases that the network corrects.
    """

    truth: tf.Tensor
    magnitude: tf.Tensor
    log_mel: tf.Tensor
    start: Start


class Slopes(NamedTuple):
    """Gradients of the vocoder's variables, and of the judges'."""

    vocoder: list[tf.Tensor]
    judges: list[tf.Tensor]


class VocoderModel(keras.Model):
    """The network, its average, the judges, and one training step of it all.

    Attributes:
        step: steps taken, int64.
        progress: share of the training that is done; drives the schedules; set by the training loop.
        inverter: the averaged network, for use.
        curves: what each curve should look like, by the names that `train_step` returns.
    """

    curves = CURVES

    def __init__(self, config: Config, translate: Translate | None = None) -> None:
        """Builds everything.

        Args:
            config: of the run.
            translate: log-mel to log-mel: makes what the vocoder is told of the band's own log-mels; None
                tells it those.
        """
        super().__init__(name="vocoder_model")
        self.config, self._translate = config, translate
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        self.progress = tf.Variable(0.0, trainable=False, name="progress")
        # From the seed of the run (keras.utils.set_random_seed), and in the checkpoint.
        self.seed = tf.Variable(random.randrange(2**31), dtype=tf.int32, trainable=False, name="seed")
        self.network = build_network(config.network, config.spec, "vocoder")
        self.average = build_network(config.network, config.spec, "average")
        self.average.set_weights(self.network.get_weights())
        samples = config.spec.samples(config.data.frames) - config.spec.n_fft
        self.judges = build_judges(
            config.judges.resolutions, config.judges.periods, config.judges.channels, samples
        )
        self.compile()

    def compile(self) -> None:
        """Makes both optimizers and builds their state at once, so that a checkpoint finds it."""
        config = self.config.optimizer
        self.vocoder_optimizer, self.judge_optimizer = (
            keras.optimizers.AdamW(
                rate, config.decay, config.beta_1, config.beta_2, global_clipnorm=config.clip_norm
            )
            for rate in (config.rate, config.judge_rate)
        )
        self.vocoder_optimizer.build(self.network.trainable_variables)
        self.judge_optimizer.build(self.judges.trainable_variables)
        super().compile(optimizer=self.vocoder_optimizer, jit_compile=False)

    def train_step(self, batch: Mapping[str, tf.Tensor]) -> Scalars:
        """One step of the vocoder and, from `judges.begin` on, one of the judges.

        Args:
            batch: "band" and "content", waveforms float32 [batch, span of data.frames uncentred frames].

        Returns:
            Every loss by name, unweighted, and the learning rates.
        """
        rates = self._follow_schedules()
        example = self._example(batch, of_step(self.seed, self.step, 16))
        judged = self.progress >= self.config.judges.begin
        losses, slopes = tf.cond(judged, lambda: self._with_judges(example), lambda: self._without(example))
        descend(slopes.vocoder, self.vocoder_optimizer, self.network.trainable_variables)
        descend(slopes.judges, self.judge_optimizer, self.judges.trainable_variables, gate=judged)
        track_average(self.average, self.network, self.config.optimizer.average, self.step)
        self.step.assign_add(1)
        return losses | rates | {"gates/judges": tf.cast(judged, tf.float32)}

    def _example(self, batch: Mapping[str, tf.Tensor], seeds: Iterator[tf.Tensor]) -> Example:
        spec, alter = self.config.spec, self.config.alter
        spectra = stft(spec, batch["band"], center=False)
        told = stft_to_log_mel(spec, spectra)
        told = softened(self._translate(told) if self._translate else told, alter, seeds)
        source = stft(spec, altered(spec, batch["band"], batch["content"], alter, seeds), center=False)
        # Always as many: their order is random anyway, and the others need no phases made up.
        unsourced = round(alter.unsourced * told.shape[0])
        start = partly_sourced(spec, told, source, unsourced, next(seeds)[0])
        cut = spec.n_fft
        return Example(batch["band"][:, cut:-cut], tf.abs(spectra), told, start)

    def _played(self, example: Example) -> tuple[tf.Tensor, tf.Tensor]:
        """Output of the network: waveforms as long as the truth, and magnitudes before the inverse STFT."""
        spec = self.config.spec
        seen = features(example.log_mel, example.start, phase_bins(self.config.network, spec))
        magnitude, phase = corrected(example.start, self.network(seen, training=True))
        # In parts: the gradient of a cast to complex numbers warns that it discards the imaginary part.
        spectra = tf.complex(magnitude * tf.math.real(phase), magnitude * tf.math.imag(phase))
        made = istft(spec, spectra)
        # The inverse STFT begins in the middle of the first frame.
        half = spec.n_fft // 2
        return made[:, half:-half], magnitude

    def _distances(self, example: Example, made: tf.Tensor, magnitude: tf.Tensor) -> Scalars:
        convergence, difference = multi_stft(example.truth, made, self.config.loss.resolutions)
        return {
            "stft/convergence": convergence,
            "stft/log_magnitude": difference,
            "mel": mel_error(self.config.spec, example.truth, made),
            "amplitude": log_difference(example.magnitude + FLOOR, magnitude + FLOOR),
        }

    def _without(self, example: Example) -> tuple[Scalars, Slopes]:
        with tf.GradientTape() as tape:
            losses = self._distances(example, *self._played(example))
            objective = self._weighted(losses)
        slopes = Slopes(
            tape.gradient(objective, self.network.trainable_variables),
            [tf.zeros(variable.shape) for variable in self.judges.trainable_variables],
        )
        nothing = tf.zeros([])
        return losses | {"adversarial": nothing, "features": nothing, "discriminator/loss": nothing}, slopes

    def _with_judges(self, example: Example) -> tuple[Scalars, Slopes]:
        with tf.GradientTape() as tape:
            made, magnitude = self._played(example)
            losses = self._distances(example, made, magnitude)
            seen = self.judges(made)
            losses["adversarial"] = _HINGE.generator(logits_of(seen))
            truth = features_of(self.judges(example.truth))
            losses["features"] = feature_matching(truth, features_of(seen))
            objective = self._weighted(losses)
        slope = tape.gradient(objective, self.network.trainable_variables)
        loss, slope_of_judges = self._judge(example.truth, tf.stop_gradient(made))
        return losses | {"discriminator/loss": loss}, Slopes(slope, slope_of_judges)

    def _judge(self, truth: tf.Tensor, made: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            loss = _HINGE.discriminator(logits_of(self.judges(truth)), logits_of(self.judges(made)))
        return loss, tape.gradient(loss, self.judges.trainable_variables)

    def _weighted(self, losses: Scalars) -> tf.Tensor:
        config = self.config.loss
        return tf.add_n([getattr(config, name.split("/")[0]) * loss for name, loss in losses.items()])

    def _follow_schedules(self) -> Scalars:
        """Sets both learning rates, and returns them."""
        config, progress = self.config.optimizer, self.progress
        # By steps: with a budget of minutes, progress begins with what it takes to trace the graph.
        risen = schedules.linear(tf.cast(self.step + 1, tf.float32), 0.0, 1.0, 0.0, config.warm_up)
        rate = risen * schedules.constant_then_linear_decay(progress, config.rate, config.hold)
        judge_rate = schedules.constant_then_linear_decay(progress, config.judge_rate, config.hold)
        self.vocoder_optimizer.learning_rate.assign(rate)
        self.judge_optimizer.learning_rate.assign(judge_rate)
        return {"rate/vocoder": rate, "rate/discriminator": judge_rate}

    @property
    def inverter(self) -> NeuralInverter:
        """By averaged weights."""
        return NeuralInverter(self.average, self.config.spec, self.card())

    def card(self) -> VocoderCard:
        """Card of the vocoder: preset, training steps, context, phase bins and Griffin-Lim iterations."""
        network, steps = self.config.network, int(self.step.numpy())
        bins = phase_bins(network, self.config.spec)
        return VocoderCard(self.config.preset, steps, context_frames(network), bins, network.iterations)
