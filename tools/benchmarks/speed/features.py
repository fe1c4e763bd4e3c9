"""Log-mels: ours, in the graph, beside librosa's, of the same waveforms."""

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
"""Of log-mel values, which lie between -1 and 1."""
_WAYS = {
    "a song at once, eagerly": (False, True),
    f"{BATCH} crops of {FRAMES} frames, in the graph": (True, False),
}


def tables(setup: Setup) -> list[Table]:
    """Times real time of both, and their ratio."""
    rows: list[Row] = []
    for name, (batched, center) in _WAYS.items():
        difference, seconds, taken = timing.apart(measure, (setup, batched, center))
        makes: dict[str, Make] = {
            "librosa": functools.partial(librosas, setup, batched, center),
            "Coverband": functools.partial(ours, setup, batched, center),
        }
        rows.append(
            {
                "log-mels of": name,
                "librosa, x real time": Spread.of(taken["librosa"]).per(seconds),
                "Coverband, x real time": Spread.of(taken["Coverband"]).per(seconds),
                "times as fast": timing.ratio(taken["librosa"], taken["Coverband"]),
                "largest difference": difference,
                **timing.memories(makes, setup.memory),
            }
        )
    return [
        Table("Features", tuple(rows), ("Differences are of log-mel values, which lie between -1 and 1.",))
    ]


def measure(task: tuple[Setup, bool, bool]) -> tuple[float, float, dict[str, tuple[float, ...]]]:
    """The largest difference of both sides, the seconds of music in a call, and the times of both.

    Raises:
        ValueError: if they do not compute the same: then their times are not to be compared.
    """
    setup, batched, _ = task
    acts = {"librosa": librosas(*task), "Coverband": ours(*task)}
    theirs, mine = (act() for act in acts.values())
    difference = float(np.abs(theirs - mine[..., 0].swapaxes(-1, -2)).max())
    if difference > TOLERANCE:
        raise ValueError(f"librosa's log-mels and ours differ by {difference:.2g}")
    seconds = waveforms(setup, batched).size / setup.spec.sample_rate
    return difference, seconds, timing.alternately(acts, setup.seconds)


def waveforms(setup: Setup, batched: bool) -> np.ndarray:
    """Float32 [1, samples], or of crops [BATCH, samples]."""
    song = sounds.excerpt(setup)[:, 0]
    if not batched:
        return song[None]
    length = setup.spec.span(FRAMES)
    starts = np.linspace(0, len(song) - length, BATCH).astype(int)
    return np.stack([song[start : start + length] for start in starts])


def ours(setup: Setup, batched: bool, center: bool) -> Callable[[], np.ndarray]:
    """[batch, frames, n_mels, 1]."""
    waveform = tf.constant(waveforms(setup, batched))
    eager = functools.partial(features.log_mel, setup.spec, center=center)
    compute = tf.function(eager, autograph=False) if batched else eager
    return lambda: compute(waveform).numpy()


def librosas(setup: Setup, batched: bool, center: bool) -> Callable[[], np.ndarray]:
    """[batch, n_mels, frames], in the same units."""
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
