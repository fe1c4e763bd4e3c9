"""Speed of log-mel inversion, compared with librosa at equal numbers of Griffin-Lim iterations."""

from __future__ import annotations

import functools
from collections.abc import Callable

import librosa
import numpy as np
import tensorflow as tf

from pipelines.audio.features import stft_to_log_mel
from pipelines.audio.inversion import GriffinLim, random_phase
from pipelines.audio.stft import stft
from tools.benchmarks import timing
from tools.benchmarks.inversion_methods import LIBROSA_SEED, by_inverter, by_librosa
from tools.benchmarks.speed import sounds
from tools.benchmarks.speed.setup import Setup
from tools.benchmarks.tables import Row, Table
from tools.benchmarks.timing import Act, Make, Spread

SECONDS = 10.0
"""Length of the excerpt: librosa's nnls is slower than real time."""


def tables(setup: Setup) -> list[Table]:
    """Table of speeds, times real time, and ratios to librosa."""
    rows = [_row(setup, *pair) for pair in _pairs(setup).items()]
    notes = ("Quality of both, also with fewer iterations: python -m tools benchmark inversion.",)
    return [Table(f"Inversion, {setup.iterations} iterations of Griffin-Lim", tuple(rows), notes)]


def _pairs(setup: Setup) -> dict[str, dict[str, Make]]:
    return {
        "log-mel to waveform": {
            "librosa": functools.partial(log_mel_by_librosa, setup),
            "Coverband": functools.partial(log_mel_by_coverband, setup),
        },
        "magnitudes to waveform": {
            "librosa": functools.partial(magnitude_by_librosa, setup),
            "Coverband": functools.partial(magnitude_by_coverband, setup),
        },
    }


def _row(setup: Setup, name: str, makes: dict[str, Make]) -> Row:
    measured = timing.race(makes, setup.seconds)
    seconds = len(_waveform(setup)) / setup.spec.sample_rate
    return {
        "from": name,
        "librosa, x real time": Spread.from_values(measured["librosa"]).per(seconds),
        "Coverband, x real time": Spread.from_values(measured["Coverband"]).per(seconds),
        "times as fast": timing.ratio(measured["librosa"], measured["Coverband"]),
        **timing.memories(makes, setup.memory),
    }


def _waveform(setup: Setup) -> np.ndarray:
    return sounds.excerpt(setup)[: round(SECONDS * setup.spec.sample_rate), 0]


def log_mel_by_librosa(setup: Setup) -> Act:
    """Inversion of log-mels by librosa: nnls, then Griffin-Lim from random phases."""
    return _method(setup, by_librosa(setup.spec, setup.iterations))


def log_mel_by_coverband(setup: Setup) -> Act:
    """Inversion of log-mels by Coverband, from the source's phase."""
    return _method(setup, by_inverter(GriffinLim(setup.spec, setup.iterations), with_source=True))


def _method(setup: Setup, method: Callable[..., object]) -> Act:
    waveform = _waveform(setup)
    spectra = stft(setup.spec, tf.constant(waveform[None]))
    return functools.partial(method, stft_to_log_mel(setup.spec, spectra), spectra, len(waveform))


def magnitude_by_librosa(setup: Setup) -> Act:
    """Griffin-Lim of the recording's magnitudes by librosa."""
    spec, waveform = setup.spec, _waveform(setup)
    size, hop = spec.n_fft, spec.hop_length
    magnitude = np.abs(librosa.stft(waveform, n_fft=size, hop_length=hop, pad_mode="constant"))
    return functools.partial(
        librosa.griffinlim,
        magnitude,
        n_iter=setup.iterations,
        n_fft=size,
        hop_length=hop,
        length=len(waveform),
        pad_mode="constant",
        **LIBROSA_SEED,
    )


def magnitude_by_coverband(setup: Setup) -> Act:
    """Griffin-Lim of the recording's magnitudes by Coverband, from random phases."""
    waveform = _waveform(setup)
    inverter = GriffinLim(setup.spec, setup.iterations)
    magnitude = tf.abs(stft(setup.spec, tf.constant(waveform[None])))

    @tf.function(autograph=False)
    def invert() -> tf.Tensor:
        return inverter.from_magnitude(magnitude, random_phase(tf.shape(magnitude), 0), len(waveform))

    return lambda: invert().numpy()
