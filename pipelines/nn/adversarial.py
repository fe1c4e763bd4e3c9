"""Adversarial losses on lists of patch logits, one entry per scale, and the gradient penalty R1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import tensorflow as tf

Logits = Sequence[tf.Tensor]


class AdversarialLoss(Protocol):
    """A pair of losses, the discriminator's and the generator's."""

    def discriminator(self, real: Logits, fake: Logits) -> tf.Tensor:
        """Scalar: low when `real` is judged real and `fake` fake."""

    def generator(self, fake: Logits) -> tf.Tensor:
        """Scalar: low when `fake` is judged real."""


def _mean(terms: Sequence[tf.Tensor]) -> tf.Tensor:
    """The mean over scales of each scale's mean over patches, in float32."""
    return tf.add_n([tf.reduce_mean(tf.cast(term, tf.float32)) for term in terms]) / len(terms)


class LeastSquares(NamedTuple):
    """LSGAN (Mao et al. 2017, eq. 9 with a=0, b=c=1): D: [(D(x)-1)^2 + D(G)^2] / 2; G: (D(G)-1)^2."""

    def discriminator(self, real: Logits, fake: Logits) -> tf.Tensor:
        """Half the squared distances to 1 (real) and 0 (fake)."""
        return 0.5 * (_mean([tf.square(r - 1) for r in real]) + _mean([tf.square(f) for f in fake]))

    def generator(self, fake: Logits) -> tf.Tensor:
        """The squared distance to 1."""
        return _mean([tf.square(f - 1) for f in fake])


class Hinge(NamedTuple):
    """Hinge (Lim and Ye 2017, "Geometric GAN"): D: [1-D(x)]+ + [1+D(G)]+; G: -D(G)."""

    def discriminator(self, real: Logits, fake: Logits) -> tf.Tensor:
        """The margins that are missed."""
        return self.of_real(real) + self.of_fake(fake)

    def of_real(self, real: Logits) -> tf.Tensor:
        """The discriminator's loss on real clips."""
        return _mean([tf.nn.relu(1 - r) for r in real])

    def of_fake(self, fake: Logits) -> tf.Tensor:
        """The discriminator's loss on generated clips."""
        return _mean([tf.nn.relu(1 + f) for f in fake])

    def generator(self, fake: Logits) -> tf.Tensor:
        """Minus the mean logit."""
        return -_mean(fake)


LOSSES: dict[str, AdversarialLoss] = {"lsgan": LeastSquares(), "hinge": Hinge()}


def r1_penalty(discriminator: Callable[[tf.Tensor], Logits], real: tf.Tensor, scale: Any = 1.0) -> tf.Tensor:
    """Gradient penalty of a discriminator on real clips (Mescheder et al. 2018, equation 9, times 2 / gamma).

    Args:
        discriminator: clips -> patch logits of every scale; differentiable twice.
        real: clips, [batch, ...].
        scale: factor of the gradient, broadcast to the clips' shape: the unit of a clip's numbers.

    Returns:
        Mean over clips of the squared norm of the gradient of the mean logit.
    """
    with tf.GradientTape() as tape:
        tape.watch(real)
        mean = _mean(discriminator(real))
    clips = tf.cast(tf.shape(real)[0], tf.float32)
    gradient = clips * tape.gradient(mean, real) * scale
    return tf.reduce_sum(tf.square(gradient)) / clips


def lazy_r1_penalty(
    discriminator: Callable[[tf.Tensor], Logits], real: tf.Tensor, scale: Any, step: Any, every: int
) -> tf.Tensor:
    """Gradient penalty in some of the steps (Karras et al. 2020, StyleGAN2, "lazy regularization").

    Args:
        discriminator: see `r1_penalty`.
        real: likewise.
        scale: likewise.
        step: steps done, integer scalar.
        every: steps from one penalty to the next.

    Returns:
        `r1_penalty` if `step` is a multiple of `every`, otherwise 0.
    """
    return tf.cond(
        step % every == 0, lambda: r1_penalty(discriminator, real, scale), lambda: tf.constant(0.0)
    )
