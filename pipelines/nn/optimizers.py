"""Configuration of the optimizers, common to all model families."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras


@dataclasses.dataclass(frozen=True)
class OptimizerConfig:
    """AdamW with a constant, then linearly decaying learning rate, and averaged weights.

    Attributes:
        learning_rate: initial learning rate.
        weight_decay: decoupled weight decay (Loshchilov & Hutter 2019); 0 for Adam.
        beta_1: decay of the first moments.
        beta_2: decay of the second moments.
        hold: share of the training with the initial learning rate; afterwards it falls linearly to zero.
        clip_norm: largest global norm of a network's gradient.
        ema_momentum: decay of the moving average of the weights, which inference uses.
    """

    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    beta_1: float = 0.9
    beta_2: float = 0.999
    hold: float = 0.3
    clip_norm: float = 5.0
    ema_momentum: float = 0.995

    def optimizer(self, learning_rate: Any, **options: Any) -> keras.optimizers.Optimizer:
        """AdamW of this configuration.

        Args:
            learning_rate: number or schedule.
            options: further arguments of `keras.optimizers.AdamW`, which take precedence.
        """
        settings = {
            "weight_decay": self.weight_decay,
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "global_clipnorm": self.clip_norm,
        }
        return keras.optimizers.AdamW(learning_rate, **{**settings, **options})

    def averaged(self) -> dict[str, Any]:
        """Options of an optimizer for an exponential moving average of weights (Yazici et al. 2019)."""
        return {"use_ema": True, "ema_momentum": self.ema_momentum}


@dataclasses.dataclass(frozen=True)
class AdversarialOptimizerConfig(OptimizerConfig):
    """Optimizers of a generator and of a discriminator.

    Attributes:
        discriminator_learning_rate: initial learning rate of the discriminator.
        discriminator_weight_decay: the discriminator's weight decay.
        discriminator_beta_1: decay of the first moments of the discriminator's optimizer.
    """

    discriminator_learning_rate: float = 2e-4
    discriminator_weight_decay: float = 0.0
    discriminator_beta_1: float = 0.5

    def discriminator_optimizer(self, learning_rate: Any) -> keras.optimizers.Optimizer:
        """AdamW of the discriminator.

        Args:
            learning_rate: number or schedule.
        """
        return self.optimizer(
            learning_rate, weight_decay=self.discriminator_weight_decay, beta_1=self.discriminator_beta_1
        )
