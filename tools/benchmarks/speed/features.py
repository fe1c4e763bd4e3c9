"""Speed of log-mels, compared with librosa on the same waveforms."""

from __future__ import annotations

import functools
from collections.abc import Callable

import librosa
import numpy as np
import tensorflow as tf

from pipelines.audio import features
from tools.benchmarks import timing
from tools.benchmarks.speed import sounds
from tools.benchmarks.speed.setup import Setup
from tools.benchmarks.tables import Row, Table
from tools.benchmarks.timing import Make, Spread

BATCH, FRAMES = 16, 128
TOLERANCE = 1e-3
"""Largest difference of log-mel values, which lie between -1 and 1."""
_CASES = {
    "a whole song, eager": (False, True),
    f"{BATCH} crops of {FRAMES} frames, in a graph": (True, False),
}


def tables(setup: Setup) -> list[Table]:
    """Table of speeds, times real time, and ratios to librosa."""
    rows: list[Row] = []
    for name, (batched, center) in _CASES.items():
        difference, seconds, measured = timing.apart(measure, (setup, batched, center))
        makes: dict[str, Make] = {
            "librosa": functools.partial(by_librosa, setup, batched, center),
            "Coverband": functools.partial(by_coverband, setup, batched, center),
        }
        rows.append(
            {
                "log-mels of": name,
                "librosa, x real time": Spread.from_values(measured["librosa"]).per(seconds),
                "Coverband, x real time": Spread.from_values(measured["Coverband"]).per(seconds),
                "times as fast": timing.ratio(measured["librosa"], measured["Coverband"]),
                "largest difference": difference,
                **timing.memories(makes, setup.memory),
            }
        )
    return [Table("Features", tuple(rows), ("Differences: of log-mel values, which lie between -1 and 1.",))]


def measure(task: tuple[Setup, bool, bool]) -> tuple[float, float, dict[str, tuple[float, ...]]]:
    """Largest difference between both libraries, seconds of audio per call, and times of both.

    Raises:
        ValueError: if the results differ, so that times cannot be compared.
    """
    setup, batched, _ = task
    acts = {"librosa": by_librosa(*task), "Coverband": by_coverband(*task)}
    expected, actual = (act() for act in acts.values())
    difference = float(np.abs(expected - actual[..., 0].swapaxes(-1, -2)).max())
    if difference > TOLERANCE:
        raise ValueError(f"the log-mels of librosa and Coverband differ by {difference:.2g}")
    seconds = waveforms(setup, batched).size / setup.spec.sample_rate
    return difference, seconds, timing.alternately(acts, setup.seconds)


def waveforms(setup: Setup, batched: bool) -> np.ndarray:
    """Waveforms float32 [1, samples] of a whole song, or [BATCH, samples] of crops."""
    song = sounds.excerpt(setup)[:, 0]
    if not batched:
        return song[None]
    length = setup.spec.span(FRAMES)
    starts = np.linspace(0, len(song) - length, BATCH).astype(int)
    return np.stack([song[start : start + length] for start in starts])


def by_coverband(setup: Setup, batched: bool, center: bool) -> Callable[[], np.ndarray]:
    """Function that computes log-mels [batch, frames, n_mels, 1] by Coverband."""
    waveform = tf.constant(waveforms(setup, batched))
    eager = functools.partial(features.log_mel, setup.spec, center=center)
    compute = tf.function(eager, autograph=False) if batched else eager
    return lambda: compute(waveform).numpy()


def by_librosa(setup: Setup, batched: bool, center: bool) -> Callable[[], np.ndarray]:
    """Function that computes log-mels [batch, n_mels, frames] by librosa, in the same units."""
    spec, waveform = setup.spec, waveforms(setup, batched)
    floor, ceiling = np.log(spec.floor), np.log(spec.ceiling)

    def compute() -> np.ndarray:
        mel = librosa.feature.melspectrogram(
            y=waveform,
            sr=spec.sample_rate,
            n_fft=spec.n_fft,
            hop_length=spec.hop_length,
            n_mels=spec.n_mels,
            fmin=spec.fmin,
            fmax=spec.fmax,
            power=1.0,
            center=center,
            pad_mode="constant",
        )
        return (np.log(np.maximum(mel, spec.floor)) - floor) * (2 / (ceiling - floor)) - 1

    return compute
