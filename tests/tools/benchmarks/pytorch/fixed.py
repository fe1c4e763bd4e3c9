"""Helpers of the comparison of Keras and PyTorch: equal random draws, weights and training steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from pipelines.audio.spec import AudioSpec
from tests.contracts import batch_of, randomize
from transcriber.content import HEARD

STEPS = 3
TOLERANCE = 2e-4
"""Of losses, relative."""


def fix_the_dice(patch: pytest.MonkeyPatch) -> None:
    """Replacement of the random draws of both frameworks by the middle of their distributions."""

    def middle(low: int, high: int, shape: Any) -> torch.Tensor:
        return torch.full(tuple(shape), (low + high) // 2)

    def half(*shape: Any) -> torch.Tensor:
        return torch.zeros(*shape) + 0.5

    def uniform(shape: Any, seed: Any, minval: Any = 0, maxval: Any = 1, dtype: Any = tf.float32) -> Any:
        centre = (minval + maxval) // 2 if dtype == tf.int32 else 0.5 * (minval + maxval)
        return tf.fill(shape, tf.cast(centre, dtype))

    patch.setattr(tf.random, "stateless_uniform", uniform)
    patch.setattr(tf.random, "stateless_normal", lambda shape, seed: tf.zeros(shape))
    patch.setattr(torch, "randn", torch.zeros)
    patch.setattr(torch, "rand", half)
    patch.setattr(torch, "randint", middle)


def image(log_mel: Any) -> torch.Tensor:
    """Keras's map [batch, frames, mels, channels] as PyTorch's."""
    return torch.from_numpy(np.array(log_mel).transpose(0, 3, 1, 2))


def tensor(values: Any) -> torch.Tensor:
    """The same numbers."""
    return torch.from_numpy(np.array(values))


def compare(ours: Any, theirs: Any, tolerance: float = 1e-4) -> None:
    """Fails unless both frameworks' outputs, nested alike, are nearly equal; maps may lie either way."""
    if isinstance(ours, dict):
        ours, theirs = list(ours.values()), [theirs[name] for name in ours]
    if isinstance(ours, (list, tuple)):
        for one, other in zip(ours, theirs, strict=True):
            compare(one, other, tolerance)
        return
    found = theirs.detach().numpy()
    wanted = np.asarray(ours)
    if wanted.ndim == 4:
        found = found.transpose(0, 2, 3, 1)
    np.testing.assert_allclose(found, wanted, atol=tolerance * max(1.0, np.abs(wanted).max()))
    assert np.abs(wanted).max() > 1e-3


def parameters(module: torch.nn.Module) -> int:
    """Number of parameters of a PyTorch module."""
    return sum(each.numel() for each in module.parameters())


def weights(network: keras.Model) -> int:
    """Number of trainable parameters of a Keras model."""
    return sum(int(np.prod(each.shape)) for each in network.trainable_variables)


def shaken(*networks: keras.Model, scale: float = 1.0) -> None:
    """Random weights and statistics: what begins as zero would hide what lies behind it."""
    generator = np.random.default_rng(1)
    for seed, network in enumerate(networks):
        before = network.get_weights()
        randomize(network, seed)
        moved = zip(before, network.get_weights(), strict=True)
        network.set_weights([old + scale * (new - old) for old, new in moved])
        for layer in network._flatten_layers():
            if hasattr(layer, "set_statistics"):
                mels = layer.mean.shape[0]
                layer.set_statistics(generator.normal(-0.5, 0.1, mels), generator.uniform(0.3, 0.6, mels))


def same_steps(
    patch: pytest.MonkeyPatch,
    model: Any,
    peer: Callable[[Any, Mapping[str, np.ndarray]], Callable[[], float]],
    batch: Mapping[str, tf.Tensor],
    weights: Mapping[str, float],
) -> None:
    """Fails unless the weighted losses are the same for some steps: then gradients and updates are, too.

    Args:
        patch: undone after the test.
        model: Keras's.
        peer: makes its steps.
        batch: of both.
        weights: of the losses that make what a step returns, or of groups of them.
    """
    for optimizer in model.optimizers.values():
        # Keras adds it before it corrects the bias, PyTorch after.
        optimizer.epsilon = 1e-10
    step = peer(model, arrays(batch))
    fix_the_dice(patch)
    pairs = [(_weighted(model.train_step(batch), weights), step()) for _ in range(STEPS)]
    wanted, found = zip(*pairs, strict=True)
    np.testing.assert_allclose(found, wanted, rtol=TOLERANCE)
    assert abs(wanted[-1] - wanted[0]) > 10 * TOLERANCE * abs(wanted[0])


def _weighted(losses: Mapping[str, Any], weights: Mapping[str, float]) -> float:
    return sum(
        float(loss) * weights.get(name, weights.get(name.split("/")[0], 0.0)) for name, loss in losses.items()
    )


def arrays(batch: Mapping[str, tf.Tensor]) -> dict[str, np.ndarray]:
    """NumPy arrays of a batch, from which a PyTorch model makes its steps."""
    return {name: np.array(each) for name, each in batch.items()}


def heard_batch(spec: AudioSpec, frames: int) -> dict[str, tf.Tensor]:
    """Clips, and what somebody heard in them."""
    generator = np.random.default_rng(3)
    clips = batch_of(spec, frames, 0)
    heard = {
        f"{name}/heard": tf.constant(generator.normal(-2, 2, (*each.shape[:2], HEARD)), tf.float32)
        for name, each in clips.items()
    }
    return clips | heard
