"""From log-mels back to sound: ours beside librosa's, with as many iterations of Griffin-Lim."""

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
from tools.benchmarks.inversion_methods import LIBROSA_SEED, by, by_librosa
from tools.benchmarks.speed import sounds
from tools.benchmarks.speed.setup import Setup
from tools.benchmarks.tables import Row, Table
from tools.benchmarks.timing import Act, Make, Spread

SECONDS = 10.0
"""Of music: librosa's nnls takes longer than the music."""


def tables(setup: Setup) -> list[Table]:
    """Times real time, and ratios to librosa."""
    rows = [_row(setup, *pair) for pair in _pairs(setup).items()]
    notes = (
        "What each is worth to the ear, with fewer iterations too: python -m tools benchmark inversion.",
    )
    return [Table(f"Inversion, {setup.iterations} iterations of Griffin-Lim", tuple(rows), notes)]


def _pairs(setup: Setup) -> dict[str, dict[str, Make]]:
    return {
        "log-mel to sound": {
            "librosa": functools.partial(whole_by_librosa, setup),
            "Coverband": functools.partial(whole, setup),
        },
        "magnitudes to sound": {
            "librosa": functools.partial(griffin_lim_by_librosa, setup),
            "Coverband": functools.partial(griffin_lim, setup),
        },
    }


def _row(setup: Setup, name: str, makes: dict[str, Make]) -> Row:
    taken = timing.race(makes, setup.seconds)
    seconds = len(_sound(setup)) / setup.spec.sample_rate
    return {
        "from": name,
        "librosa, x real time": Spread.of(taken["librosa"]).per(seconds),
        "Coverband, x real time": Spread.of(taken["Coverband"]).per(seconds),
        "times as fast": timing.ratio(taken["librosa"], taken["Coverband"]),
        **timing.memories(makes, setup.memory),
    }


def _sound(setup: Setup) -> np.ndarray:
    return sounds.excerpt(setup)[: round(SECONDS * setup.spec.sample_rate), 0]


def whole_by_librosa(setup: Setup) -> Act:
    """Nnls, and Griffin-Lim from random phases."""
    return _method(setup, by_librosa(setup.spec, setup.iterations))


def whole(setup: Setup) -> Act:
    """Ours, from the source's phase."""
    return _method(setup, by(GriffinLim(setup.spec, setup.iterations), with_source=True))


def _method(setup: Setup, method: Callable[..., object]) -> Act:
    sound = _sound(setup)
    spectra = stft(setup.spec, tf.constant(sound[None]))
    return functools.partial(method, stft_to_log_mel(setup.spec, spectra), spectra, len(sound))


def griffin_lim_by_librosa(setup: Setup) -> Act:
    """Of the recording's own magnitudes."""
    spec, sound = setup.spec, _sound(setup)
    size, hop = spec.n_fft, spec.hop_length
    magnitude = np.abs(librosa.stft(sound, n_fft=size, hop_length=hop, pad_mode="constant"))
    return functools.partial(
        librosa.griffinlim,
        magnitude,
        n_iter=setup.iterations,
        n_fft=size,
        hop_length=hop,
        length=len(sound),
        pad_mode="constant",
        **LIBROSA_SEED,
    )


def griffin_lim(setup: Setup) -> Act:
    """Of the recording's own magnitudes, from random phases."""
    sound = _sound(setup)
    inverter = GriffinLim(setup.spec, setup.iterations)
    magnitude = tf.abs(stft(setup.spec, tf.constant(sound[None])))

    @tf.function(autograph=False)
    def inverted() -> tf.Tensor:
        return inverter.from_magnitude(magnitude, random_phase(tf.shape(magnitude), 0), len(sound))

    return lambda: inverted().numpy()
