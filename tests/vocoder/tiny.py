"""The vocoder's real preset, shrunk, and clips to teach it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.nn.neural_vocoder.inverter import NeuralInverter
from tests.contracts import randomize
from tests.shrinking import shrunk
from vocoder.config import Config, vocoder_tiny
from vocoder.model import VocoderModel

SPEC = AudioSpec(sample_rate=16000, n_fft=256, hop_length=64, n_mels=32, fmax=8000.0)
FRAMES = 24
SMALL = {
    "network": {"width": 16, "blocks": 1, "kernel": 3, "expansion": 2, "phase_bins": 40, "iterations": 0},
    "discriminator": {"begin": 0.4, "channels": 2, "resolutions": (128,), "periods": (3,)},
    "loss": {"resolutions": (256, 128)},
    "optimizer": {"warm_up": 1},
    "data": {"frames": FRAMES, "batch_size": 2},
}


def config(**changes: Any) -> Config:
    """The preset in small, with further fields of its groups."""
    return shrunk(vocoder_tiny(), SPEC, SMALL, changes)


def model(seed: int = 5, **changes: Any) -> VocoderModel:
    """A new model."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    built = VocoderModel(config(**changes))
    built.compile()
    return built


def inverter(spec: AudioSpec = SPEC, **changes: Any) -> NeuralInverter:
    """By random weights."""
    made = VocoderModel(shrunk(vocoder_tiny(), spec, SMALL, changes))
    randomize(made.network)
    return made.inverter


def song(samples: int, seed: int = 0) -> np.ndarray:
    """Notes with overtones over soft noise, float32 [samples]."""
    generator = np.random.default_rng(seed)
    time = np.arange(samples) / SPEC.sample_rate
    notes = generator.uniform(150, 900, 3)
    tone = sum(np.sin(2 * np.pi * note * k * time) / k for note in notes for k in (1, 2, 3))
    return (0.1 * tone * np.exp(-(time % 0.2) * 8) + 0.003 * generator.normal(size=samples)).astype(
        np.float32
    )


def batch(step: int) -> dict[str, tf.Tensor]:
    """The data of one step, a function of the step alone."""
    samples = SPEC.span(FRAMES)
    return {
        name: tf.constant(np.stack([song(samples, 4 * step + 2 * i + j) for j in range(2)]))
        for i, name in enumerate(("content", "band"))
    }


def batches(first: int) -> Iterator[dict[str, tf.Tensor]]:
    """Without end."""
    step = first
    while True:
        yield batch(step)
        step += 1


def clips() -> dict[str, np.ndarray]:
    """Validation clips."""
    samples = SPEC.samples(40)
    return {name: np.stack([song(samples, seed)] * 2) for seed, name in enumerate(("content", "band"))}
