"""Protocols of the training loop: models that it trains, and observers that log and save them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import keras
import tensorflow as tf

from pipelines.nn.translator import TranslatorCard
from pipelines.training.events import Events
from pipelines.training.remedies import Remedies


class Learner(Protocol):
    """A `keras.Model` that the training loop can drive, stop and resume.

    Whatever changes while it trains (weights, both optimizers' moments, moving averages, replay
    pools) is a variable that the model tracks and that exists before the first step, so that a
    checkpoint holds all of it: build the optimizers in the constructor. Randomness is drawn statelessly
    from `step`, so that a resumed run draws what an uninterrupted one would have drawn.

    Attributes:
        step: int64 scalar, the steps already taken; `train_step` counts it up.
        progress: float32 scalar in [0, 1], which drives every schedule; the loop sets it before each step.
        curves: for each name that `train_step` returns, a sentence on what its curve should look like.
    """

    step: tf.Variable
    progress: tf.Variable
    curves: Mapping[str, str]

    def train_step(self, batch: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One update of every network, and of `step`; runs inside one tf.function.

        Args:
            batch: tensors by name; of a translator, "content" and "band", unpaired log-mels
                [batch, frames, n_mels, 1].

        Returns:
            Scalars by name: every loss, and the learning rates as "rate/...". The part before a slash is the
            group in TensorBoard.
        """
        ...


class Trainable(Learner, Protocol):
    """A learner that makes a translator.

    Attributes:
        translator: log-mel [batch, frames, n_mels, 1] to log-mel of the same shape, by averaged weights.
        remedies: what to do about what the watch finds.
    """

    translator: keras.Model
    remedies: Remedies

    def preview(self, log_mels: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Outputs of the networks for fixed clips, computed with the averaged weights.

        Args:
            log_mels: "content" and "band", log-mels [count, frames, n_mels, 1].

        Returns:
            "translation" of the content clips and, where the family has one, their "cycle" back; same shape.
        """
        ...

    def translator_card(self) -> TranslatorCard:
        """Model card of the translator, which says how to use it and is saved beside it."""
        ...


@runtime_checkable
class Styled(Trainable, Protocol):
    """A model whose translator can play with the style of other recordings.

    The translator has a `pipelines.nn.fixed_latent.FixedLatent` layer of the name "latent".
    """

    @property
    def style_encoder(self) -> keras.Model:
        """Log-mel [batch, frames, n_mels, 1] -> latents [batch, positions, numbers].

        Frames are a multiple of the translator's. The mean over the positions is a point that the
        translator's layer "latent" takes. It is saved beside the translator.
        """
        ...


@runtime_checkable
class Adversarial(Protocol):
    """A model with one judge of the band's sound, whose features others may compare clips by.

    Attributes:
        discriminator: see `pipelines.nn.discriminators.MultiScaleDiscriminator`; saved beside the translator.
    """

    discriminator: keras.Model


@runtime_checkable
class Coded(Protocol):
    """A model that tells what is played from how it sounds; a probe measures whether it does."""

    def coded(self, log_mels: tf.Tensor, domain: str) -> tf.Tensor:
        """Content codes of clips, the decoder's input that describes the notes.

        Args:
            log_mels: [batch, frames, n_mels, 1]; frames a multiple of the translator's.
            domain: of the clips, "content" or "band".

        Returns:
            float32 [batch, positions, numbers].
        """
        ...


class Observer(Protocol):
    """Observer of a model in training, one class per kind of model: logs, measures and saves the model.

    Attributes:
        events: event writer of the loop's own scalars.
    """

    @property
    def events(self) -> Events:
        """See the class."""

    def opening(self, settings: Mapping[str, Any], curves: Mapping[str, str]) -> None:
        """Logs once what stays the same: the run's settings, the guide to its curves, references."""
        ...

    def begin(self, step: int) -> None:
        """Prepares for `evaluate`; called once, only if there will be one."""
        ...

    def preview(self, step: int, means: Sequence[Mapping[str, float]]) -> None:
        """Shows what the model makes of fixed clips.

        Args:
            step: steps done.
            means: what was logged since the last look.
        """
        ...

    def evaluate(self, step: int) -> None:
        """Measures the model."""
        ...

    def save(self) -> None:
        """Writes the network that others use."""
        ...
