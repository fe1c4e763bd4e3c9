"""Equivalence of Keras models and their PyTorch references: equal random draws, weights and steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from scipy import special

from pipelines.audio.spec import AudioSpec
from tests.contracts import batch_of, randomize
from transcriber.content import NOTE_LOGITS

STEPS = 3
TOLERANCE = 2e-4
"""Relative tolerance of losses."""


def fix_random_draws(patch: pytest.MonkeyPatch) -> None:
    """Replaces the random draws of both frameworks by numbers that depend on the shape of a draw only."""

    def uniform(shape: Any, seed: Any, minval: Any = 0, maxval: Any = 1, dtype: Any = tf.float32) -> Any:
        return tf.cast(_uniform(shape, minval, maxval), dtype)

    def integers(low: int, high: int, shape: Any) -> torch.Tensor:
        return torch.tensor(_uniform(shape, low, high)).long()

    patch.setattr(tf.random, "stateless_uniform", uniform)
    patch.setattr(tf.random, "stateless_normal", lambda shape, seed: tf.constant(_normal(shape)))
    patch.setattr(torch, "randn", lambda *shape: torch.tensor(_normal(_sizes(shape))))
    patch.setattr(torch, "rand", lambda *shape: torch.tensor(_uniform(_sizes(shape))))
    patch.setattr(torch, "randint", integers)


def _sizes(shape: tuple[Any, ...]) -> Any:
    """Sizes of a tensor, which PyTorch takes as one argument or several."""
    return shape[0] if isinstance(shape[0], tuple) else shape


def _uniform(shape: Any, low: Any = 0.0, high: Any = 1.0) -> np.ndarray:
    """Numbers that are spread evenly, also over few places."""
    size = [int(each) for each in shape]
    shares = np.modf(0.07 + 0.5 * (5**0.5 - 1) * np.arange(np.prod(size)))[0].reshape(size)
    return (float(low) + shares * (float(high) - float(low))).astype(np.float32)


def _normal(shape: Any) -> np.ndarray:
    return special.ndtri(_uniform(shape))


def image(log_mel: Any) -> torch.Tensor:
    """PyTorch tensor [batch, channels, frames, mels] of a Keras map [batch, frames, mels, channels]."""
    return torch.from_numpy(np.array(log_mel).transpose(0, 3, 1, 2))


def tensor(values: Any) -> torch.Tensor:
    """PyTorch tensor with the same values."""
    return torch.from_numpy(np.array(values))


def assert_close(ours: Any, theirs: Any, tolerance: float = 1e-4) -> None:
    """Asserts that both frameworks' outputs, of equal structure, are nearly equal; map axes may differ."""
    if isinstance(ours, dict):
        ours, theirs = list(ours.values()), [theirs[name] for name in ours]
    if isinstance(ours, (list, tuple)):
        for one, other in zip(ours, theirs, strict=True):
            assert_close(one, other, tolerance)
        return
    actual = theirs.detach().numpy()
    expected = np.asarray(ours)
    if expected.ndim == 4:
        actual = actual.transpose(0, 2, 3, 1)
    np.testing.assert_allclose(actual, expected, atol=tolerance * max(1.0, np.abs(expected).max()))
    assert np.abs(expected).max() > 1e-3


def assert_equal_parameters(ours: torch.nn.Module, theirs: torch.nn.Module) -> None:
    """Asserts that the parameters of two modules differ by much less than one update changes them."""
    for (name, one), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(other.detach(), one.detach(), rtol=0, atol=3e-5, err_msg=name)


def parameters(module: torch.nn.Module) -> int:
    """Number of parameters of a PyTorch module."""
    return sum(each.numel() for each in module.parameters())


def weights(network: keras.Model) -> int:
    """Number of trainable parameters of a Keras model."""
    return sum(int(np.prod(each.shape)) for each in network.trainable_variables)


def randomize_weights(*networks: keras.Model, scale: float = 1.0) -> None:
    """Randomizes weights and statistics: weights initialised to zero would hide the layers before them."""
    generator = np.random.default_rng(1)
    for seed, network in enumerate(networks):
        before = network.get_weights()
        randomize(network, seed)
        pairs = zip(before, network.get_weights(), strict=True)
        network.set_weights([old + scale * (new - old) for old, new in pairs])
        for layer in network._flatten_layers():
            if hasattr(layer, "set_statistics"):
                mels = layer.mean.shape[0]
                layer.set_statistics(generator.normal(-0.5, 0.1, mels), generator.uniform(0.3, 0.6, mels))


def assert_equal_steps(
    patch: pytest.MonkeyPatch,
    model: Any,
    reference: Callable[[Any, Mapping[str, np.ndarray]], Callable[[], float]],
    batch: Mapping[str, tf.Tensor],
    weights: Mapping[str, float],
) -> None:
    """Asserts equal weighted losses over some steps, which implies equal gradients and updates.

    Args:
        patch: monkeypatch fixture of the test.
        model: Keras model.
        reference: function that returns the PyTorch train step of a model and a batch.
        batch: batch of both.
        weights: weight by loss, or by group of losses, of the sum that a PyTorch step returns.
    """
    for optimizer in model.optimizers.values():
        # Keras adds epsilon before the bias correction, PyTorch after it.
        optimizer.epsilon = 1e-10
    step = reference(model, arrays(batch))
    fix_random_draws(patch)
    pairs = [(_weighted(model.train_step(batch), weights), step()) for _ in range(STEPS)]
    expected, actual = zip(*pairs, strict=True)
    np.testing.assert_allclose(actual, expected, rtol=TOLERANCE)
    assert abs(expected[-1] - expected[0]) > 10 * TOLERANCE * abs(expected[0])


def _weighted(losses: Mapping[str, Any], weights: Mapping[str, float]) -> float:
    return sum(
        float(loss) * weights.get(name, weights.get(name.split("/")[0], 0.0)) for name, loss in losses.items()
    )


def arrays(batch: Mapping[str, tf.Tensor]) -> dict[str, np.ndarray]:
    """NumPy arrays of a batch."""
    return {name: np.array(each) for name, each in batch.items()}


def transcribed_batch(spec: AudioSpec, frames: int) -> dict[str, tf.Tensor]:
    """Batch of clips with random note logits."""
    generator = np.random.default_rng(3)
    clips = batch_of(spec, frames, 0)
    logits = {
        f"{name}/note_logits": tf.constant(
            generator.normal(-2, 2, (*each.shape[:2], NOTE_LOGITS)), tf.float32
        )
        for name, each in clips.items()
    }
    return clips | logits
