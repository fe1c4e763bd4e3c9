"""Methods of log-mel inversion with a common signature."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import librosa
import numpy as np
import tensorflow as tf

from pipelines.audio.inversion import Inverter
from pipelines.audio.scaling import unscale
from pipelines.audio.spec import AudioSpec

Method = Callable[[tf.Tensor, tf.Tensor, int], np.ndarray]
"""Waveform of a log-mel [1, frames, n_mels, 1], the source's STFT [1, frames, bins] and a length."""

LIBROSA_SEED: dict[str, Any] = {
    "rng" if "rng" in inspect.signature(librosa.griffinlim).parameters else "random_state": 0
}
"""Seed of librosa's `griffinlim`, whose argument librosa 1.0 renames."""


def by_librosa(spec: AudioSpec, iterations: int = 32) -> Method:
    """Inversion by librosa: nnls, then Griffin-Lim."""
    to_magnitude = functools.partial(
        librosa.feature.inverse.mel_to_stft,
        sr=spec.sample_rate,
        n_fft=spec.n_fft,
        power=1.0,
        fmin=spec.fmin,
        fmax=spec.fmax,
    )

    def invert(log_mel: tf.Tensor, source: tf.Tensor, samples: int) -> np.ndarray:
        del source
        return librosa.griffinlim(
            to_magnitude(unscale(tf.math, spec, log_mel).numpy()[0, ..., 0].T),
            n_iter=iterations,
            n_fft=spec.n_fft,
            hop_length=spec.hop_length,
            length=samples,
            pad_mode="constant",
            **LIBROSA_SEED,
        )

    return invert


def by_inverter(inverter: Inverter, *, with_source: bool) -> Method:
    """Inversion by an inverter of Coverband, in a graph that is traced once."""
    spec = inverter.spec
    signature = [
        tf.TensorSpec([1, None, spec.n_mels, 1], tf.float32),
        tf.TensorSpec([1, None, spec.n_bins], tf.complex64),
        tf.TensorSpec([], tf.int32),
    ]

    @tf.function(input_signature=signature, autograph=False)
    def traced(log_mel: tf.Tensor, source: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
        return inverter(log_mel, source_stft=source if with_source else None, length=samples)

    def invert(log_mel: tf.Tensor, source: tf.Tensor, samples: int) -> np.ndarray:
        return traced(log_mel, source, tf.constant(samples)).numpy()[0]

    return invert


def warm_up(method: Method, spec: AudioSpec, log_mel: tf.Tensor, source: tf.Tensor) -> None:
    """Runs a method on a few frames, so that loading and tracing are not measured."""
    method(log_mel[:, :20], source[:, :20], spec.samples(20))
