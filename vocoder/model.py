"""Vocoder in training: waveforms of the band from their log-mels and a simulated source's phases.

First with spectral distances alone, then with discriminators, too, as Yang et al. 2021, "Multi-band MelGAN",
section 3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from pipelines.audio.features import stft_to_log_mel
from pipelines.audio.stft import istft, stft
from pipelines.nn.adversarial import Hinge
from pipelines.nn.blocks import register
from pipelines.nn.discriminators import features_of, logits_of
from pipelines.nn.model import BaseModel, Batch, Scalars
from pipelines.nn.neural_vocoder.card import VocoderCard
from pipelines.nn.neural_vocoder.inverter import NeuralInverter
from pipelines.nn.neural_vocoder.signal import Start, corrected, features, partly_sourced
from vocoder.augmentation import simulated_source, simulated_translation
from vocoder.config import PRESETS, Config
from vocoder.discriminators import build_discriminator
from vocoder.losses import (
    FLOOR,
    METRIC_DESCRIPTIONS,
    feature_matching,
    log_difference,
    mel_error,
    multi_stft,
)
from vocoder.networks import build_network, context_frames, phase_bins

Translate = Callable[[tf.Tensor], tf.Tensor]
_HINGE = Hinge()


class Example(NamedTuple):
    """Training batch of one step.

    Attributes:
        truth: the band's waveforms [batch, samples], without the ends that few frames reach.
        magnitude: magnitudes of the band's spectra, [batch, frames, bins].
        log_mel: conditioning of the vocoder, [batch, frames, n_mels, 1].
        start: magnitudes and phases that the network corrects.
    """

    truth: tf.Tensor
    magnitude: tf.Tensor
    log_mel: tf.Tensor
    start: Start


class Gradients(NamedTuple):
    """Gradients of the vocoder's variables, and of the discriminators'."""

    vocoder: list[tf.Tensor]
    discriminator: list[tf.Tensor]


@register
class VocoderModel(BaseModel):
    """Vocoder network and its discriminators.

    Optimizers: "vocoder" and "discriminator".

    Attributes:
        network: see `vocoder.networks.build_network`; averaged inside `averaged()`.
    """

    config_class = Config
    presets = PRESETS
    metric_descriptions = METRIC_DESCRIPTIONS

    def __init__(self, config: Config, translate: Translate | None = None, **kwargs: Any) -> None:
        """Builds all networks.

        Args:
            config: of the run.
            translate: log-mel to log-mel, which makes the conditioning of the band's log-mels; None for these
                log-mels themselves.
            kwargs: of `keras.Model`.
        """
        super().__init__(config, **{"name": "vocoder_model", **kwargs})
        self._translate = translate
        self.network = build_network(config.network, config.spec, "vocoder")
        samples = config.spec.samples(config.data.frames) - config.spec.n_fft
        sizes = config.discriminator
        self.discriminator = build_discriminator(sizes.resolutions, sizes.periods, sizes.channels, samples)
        # Factor of the discriminators' learning rate: 0 before they are used.
        self.discriminator_gate = self.gate("discriminator")

    @property
    def trained_variables(self) -> Mapping[str, Sequence[keras.Variable]]:
        """Variables of the vocoder and of the discriminators."""
        networks = {"vocoder": self.network, "discriminator": self.discriminator}
        return {name: network.trainable_variables for name, network in networks.items()}

    def default_optimizers(self) -> Mapping[str, keras.optimizers.Optimizer]:
        """AdamW twice, with averaged weights of the vocoder."""
        config = self.config.optimizer
        vocoder = self.schedule(config.learning_rate, warm_up=config.warm_up)
        discriminator = self.schedule(config.discriminator_learning_rate, self.discriminator_gate)
        return {
            "vocoder": config.optimizer(vocoder, **config.averaged()),
            "discriminator": config.discriminator_optimizer(discriminator),
        }

    def train_step(self, batch: Batch) -> Scalars:
        """Updates the vocoder and, from `discriminator.begin` on, its discriminators.

        Args:
            batch: "band" and "content", waveforms float32 [batch, span of data.frames uncentred frames].

        Returns:
            Every loss by name, unweighted, and the learning rates.
        """
        example = self._example(batch, self.seeds(16))
        begun = self.progress >= self.config.discriminator.begin
        self.discriminator_gate.assign(tf.cast(begun, tf.float32))
        losses, gradients = tf.cond(
            begun, lambda: self._adversarial(example), lambda: self._spectral(example)
        )
        self.apply_gradients("vocoder", gradients.vocoder)
        self.apply_gradients("discriminator", gradients.discriminator)
        gates = {"gates/discriminator": tf.convert_to_tensor(self.discriminator_gate)}
        return losses | gates | self.end_step()

    def _example(self, batch: Batch, seeds: Iterator[tf.Tensor]) -> Example:
        spec, config = self.config.spec, self.config.source
        spectra = stft(spec, batch["band"], center=False)
        log_mel = stft_to_log_mel(spec, spectra)
        log_mel = self._translate(log_mel) if self._translate else log_mel
        log_mel = simulated_translation(log_mel, config, seeds)
        source = simulated_source(spec, batch["band"], batch["content"], config, seeds)
        # Always as many: their order is random anyway, and the others need no blind start.
        unsourced = round(config.unsourced * batch["band"].shape[0])
        start = partly_sourced(spec, log_mel, stft(spec, source, center=False), unsourced, next(seeds)[0])
        cut = spec.n_fft
        return Example(batch["band"][:, cut:-cut], tf.abs(spectra), log_mel, start)

    def _generated(self, example: Example) -> tuple[tf.Tensor, tf.Tensor]:
        """Output of the network: waveforms as long as the truth, and magnitudes before the inverse STFT."""
        spec = self.config.spec
        inputs = features(example.log_mel, example.start, phase_bins(self.config.network, spec))
        magnitude, phase = corrected(example.start, self.network(inputs, training=True))
        # In parts: the gradient of a cast to complex numbers warns that it discards the imaginary part.
        spectra = tf.complex(magnitude * tf.math.real(phase), magnitude * tf.math.imag(phase))
        # The inverse STFT begins in the middle of the first frame.
        half = spec.n_fft // 2
        return istft(spec, spectra)[:, half:-half], magnitude

    def _distances(self, example: Example, waveform: tf.Tensor, magnitude: tf.Tensor) -> Scalars:
        """Spectral losses."""
        convergence, difference = multi_stft(example.truth, waveform, self.config.loss.resolutions)
        return {
            "stft/convergence": convergence,
            "stft/log_magnitude": difference,
            "mel": mel_error(self.config.spec, example.truth, waveform),
            "amplitude": log_difference(example.magnitude + FLOOR, magnitude + FLOOR),
        }

    def _spectral(self, example: Example) -> tuple[Scalars, Gradients]:
        """Losses and gradients without discriminators."""
        with tf.GradientTape() as tape:
            losses = self._distances(example, *self._generated(example))
            objective = self._spectral_objective(losses)
        gradients = Gradients(
            tape.gradient(objective, self.network.trainable_variables),
            [tf.zeros(variable.shape) for variable in self.discriminator.trainable_variables],
        )
        zero = tf.zeros([])
        return losses | {"adversarial": zero, "features": zero, "discriminator": zero}, gradients

    def _adversarial(self, example: Example) -> tuple[Scalars, Gradients]:
        """Losses and gradients with discriminators."""
        weights = self.config.loss
        with tf.GradientTape() as tape:
            waveform, magnitude = self._generated(example)
            losses = self._distances(example, waveform, magnitude)
            generated = self.discriminator(waveform)
            losses["adversarial"] = _HINGE.generator(logits_of(generated))
            truth = features_of(self.discriminator(example.truth))
            losses["features"] = feature_matching(truth, features_of(generated))
            objective = self._spectral_objective(losses)
            objective += weights.adversarial * losses["adversarial"] + weights.features * losses["features"]
        vocoder = tape.gradient(objective, self.network.trainable_variables)
        with tf.GradientTape() as tape:
            real, fake = (
                logits_of(self.discriminator(x)) for x in (example.truth, tf.stop_gradient(waveform))
            )
            losses["discriminator"] = _HINGE.discriminator(real, fake)
        discriminator = tape.gradient(losses["discriminator"], self.discriminator.trainable_variables)
        return losses, Gradients(vocoder, discriminator)

    def _spectral_objective(self, losses: Scalars) -> tf.Tensor:
        weights = self.config.loss
        stft_loss = losses["stft/convergence"] + losses["stft/log_magnitude"]
        return (
            weights.stft * stft_loss + weights.mel * losses["mel"] + weights.amplitude * losses["amplitude"]
        )

    @property
    def inverter(self) -> NeuralInverter:
        """Inverter of the present weights."""
        return NeuralInverter(self.network, self.config.spec, self.card())

    def card(self) -> VocoderCard:
        """Card of the vocoder: preset, training steps, context, phase bins and Griffin-Lim iterations."""
        network, steps = self.config.network, int(self.step.numpy())
        bins = phase_bins(network, self.config.spec)
        return VocoderCard(self.config.preset, steps, context_frames(network), bins, network.iterations)
