"""A neural vocoder as an inverter: see `pipelines.audio.inversion.Inverter`."""

from __future__ import annotations

import dataclasses

import keras
import tensorflow as tf

from pipelines.audio.inversion import GriffinLim, blend_magnitudes, from_angle, unit_phase
from pipelines.audio.mel import with_dc
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stereo import mono_magnitude, panning
from pipelines.nn.neural_vocoder.card import VocoderCard
from pipelines.nn.neural_vocoder.signal import Start, blind_start, corrected, features, prior, sourced_start


class NeuralInverter:
    """Inverts log-mels by a network's correction of phases and magnitudes, and an inverse STFT.

    Attributes:
        network: `signal.features` -> what `signal.corrected` takes.
        spec: of the log-mels.
        card: see `VocoderCard`.
    """

    def __init__(self, network: keras.Model, spec: AudioSpec, card: VocoderCard) -> None:
        """Takes a network as it is; its weights may change from call to call."""
        self.network, self.card = network, card
        self._spec, self._finish = spec, GriffinLim(spec, card.iterations)

    @property
    def spec(self) -> AudioSpec:
        """Spec of the log-mels."""
        return self._spec

    def then(self, iterations: int) -> NeuralInverter:
        """Inverter of the same network, followed by Griffin-Lim with this number of iterations."""
        return NeuralInverter(self.network, self.spec, dataclasses.replace(self.card, iterations=iterations))

    @property
    def reach(self) -> int:
        """Frames on each side that a sample depends on: the network's, and those that overlap."""
        return self.card.context_frames + self._finish.reach

    @property
    def variables(self) -> list[tf.Variable]:
        """The network's weights."""
        return [variable.value for variable in self.network.variables]

    def __call__(
        self,
        log_mel: tf.Tensor,
        *,
        source_stft: tf.Tensor | None = None,
        length: tf.Tensor | int | None = None,
        seed: int = 0,
    ) -> tf.Tensor:
        """Inverts log-mels.

        Args:
            log_mel: float32 [batch, frames, n_mels, 1], of centred frames.
            source_stft: complex64 [batch, frames, bins] of recordings with the same notes at the same times;
                None makes phases up.
            length: samples wanted; spec.samples(frames) if None.
            seed: of the phases that are made up.

        Returns:
            float32 [batch, length].
        """
        if source_stft is None:
            start, fine = blind_start(self.spec, log_mel, seed), None
        else:
            start, fine = sourced_start(self.spec, log_mel, source_stft), tf.abs(source_stft)
        magnitude, phase = self.correct(log_mel, start)
        return self._finish.from_magnitude(with_dc(magnitude, fine), phase, length)

    def channels(
        self,
        log_mel: tf.Tensor,
        spectra: tf.Tensor,
        length: tf.Tensor | int,
        strength: tf.Tensor | float = 1.0,
    ) -> tf.Tensor:
        """Every channel is corrected; the strength scales the angles, too. See `Inverter.channels`."""
        own, phase = tf.abs(spectra), unit_phase(spectra)
        mono = mono_magnitude(spectra)[None]
        magnitude = prior(self.spec, log_mel, mono) + tf.zeros_like(own)
        start = Start(magnitude, phase, tf.ones(tf.shape(spectra)[0]))
        log_mels = tf.repeat(log_mel, tf.shape(spectra)[0], axis=0)
        magnitude, turned = self.correct(log_mels, start)
        image = blend_magnitudes(own, with_dc(magnitude, mono) * panning(self.spec, spectra), strength)
        turn = from_angle(strength * tf.math.angle(turned * tf.math.conj(phase)))
        return self._finish.from_magnitude(image, phase * turn, length)

    def correct(self, log_mel: tf.Tensor, start: Start) -> tuple[tf.Tensor, tf.Tensor]:
        """Magnitudes and unit phases, [batch, frames, bins] each, of log-mels [batch, frames, n_mels, 1]."""
        seen = features(log_mel, start, self.card.phase_bins)
        return corrected(start, self.network(seen, training=False))
