"""Waveforms from log-mel spectrograms: fast Griffin-Lim that can start from a source's phase."""

from __future__ import annotations

import dataclasses

import tensorflow as tf

from pipelines.audio.mel import mel_to_magnitude
from pipelines.audio.scaling import unscale
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import istft, stft


@dataclasses.dataclass(frozen=True)
class GriffinLim:
    """Fast Griffin-Lim (Perraudin, Balazs & Soendergaard 2013), batched, core TensorFlow ops only.

    Attributes:
        spec: how the log-mels were computed.
        iterations: projections after the first inverse STFT; 0 is one feed-forward pass.
        momentum: alpha of the fast variant; 0 is the original algorithm.
    """

    spec: AudioSpec
    iterations: int = 4
    momentum: float = 0.99

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
            source_stft: complex64 [batch, frames, bins] of a recording with the same notes at the same
                times, whose phase and fine structure are to be used; None draws random phases.
            length: samples wanted; spec.samples(frames) if None.
            seed: of the random phases.

        Returns:
            float32 [batch, length].
        """
        mel = unscale(self.spec, log_mel[..., 0])
        start = None if source_stft is None else tf.abs(source_stft)
        magnitude = mel_to_magnitude(self.spec, mel, start=start)
        phase = random_phase(tf.shape(magnitude), seed) if source_stft is None else unit(source_stft)
        return self.from_magnitude(magnitude, phase, length)

    def from_magnitude(
        self, magnitude: tf.Tensor, phase: tf.Tensor, length: tf.Tensor | int | None = None
    ) -> tf.Tensor:
        """A waveform [batch, length] from magnitudes and first unit phases, both [batch, frames, bins]."""
        magnitude = tf.cast(magnitude, tf.complex64)
        samples = self.spec.samples(tf.shape(magnitude)[1]) if length is None else length

        def step(_: tf.Tensor, phase: tf.Tensor, previous: tf.Tensor) -> tuple[tf.Tensor, ...]:
            rebuilt = stft(self.spec, istft(self.spec, magnitude * phase, samples))
            rebuilt = rebuilt[:, : tf.shape(magnitude)[1]]
            ahead = rebuilt - (self.momentum / (1 + self.momentum)) * previous
            return _ + 1, unit(ahead), rebuilt

        loop = tf.while_loop(
            lambda i, *_: i < self.iterations,
            step,
            (0, phase, tf.zeros_like(magnitude)),
            parallel_iterations=1,
        )
        return istft(self.spec, magnitude * loop[1], samples)


def unit(spectra: tf.Tensor) -> tf.Tensor:
    """complex64 numbers scaled to magnitude 1 (0 stays 0)."""
    return spectra / tf.cast(tf.maximum(tf.abs(spectra), 1e-12), tf.complex64)


def random_phase(shape: tf.Tensor, seed: int) -> tf.Tensor:
    """Unit complex64 numbers of uniformly random phase, the same for the same seed."""
    angle = tf.random.stateless_uniform(shape, [seed, 0], maxval=6.283185307179586)
    return tf.complex(tf.cos(angle), tf.sin(angle))
