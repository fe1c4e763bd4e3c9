"""`python -m tools benchmark vocoder` as a command, on tiny data."""

from __future__ import annotations

import subprocess
from pathlib import Path

import keras
import numpy as np
import pytest
import soundfile
from keras import layers
from scipy import signal

from pipelines.audio.spec import AudioSpec
from pipelines.metrics.statistics import style_statistics
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.neural_vocoder.card import VocoderCard
from pipelines.nn.neural_vocoder.inverter import NeuralInverter
from pipelines.nn.neural_vocoder.signal import correction_width, feature_width
from tests import commands
from tools.benchmarks.vocoder import kernel_distance

SPEC = AudioSpec()


def test_outputs_like_the_recordings_have_no_kernel_distance():
    """A duller output is further, and recordings against themselves are at most 0."""
    generator = np.random.default_rng(0)
    noise = [generator.normal(size=4 * SPEC.sample_rate) for _ in range(3)]
    recordings, dull = (
        [style_statistics(signal.lfilter([1], [1, -pole], each), SPEC.sample_rate) for each in noise]
        for pole in (0.5, 0.9)
    )
    others = [
        style_statistics(signal.lfilter([1], [1, -0.5], each[::-1]), SPEC.sample_rate) for each in noise
    ]
    assert kernel_distance(recordings, recordings) <= 0
    assert abs(kernel_distance(others, recordings)) < 15 < kernel_distance(dull, recordings)
    assert kernel_distance(recordings[:1], [each[:1] for each in recordings[:1]]) is None


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return commands.run("tools.benchmarks.vocoder", *arguments)


def _pair(folder: Path) -> None:
    time = np.arange(2 * SPEC.sample_rate) / SPEC.sample_rate
    noise = 0.01 * np.random.default_rng(0).normal(size=len(time))
    for name, darkness in (("source", 2.0), ("band", 1.0)):
        tone = sum(np.sin(2 * np.pi * 330 * k * time) / k**darkness for k in range(1, 20))
        soundfile.write(folder / f"one.{name}.wav", 0.2 * tone * np.exp(-time) + noise, SPEC.sample_rate)


def _vocoder(path: Path) -> Path:
    """Vocoder whose correction is zero."""
    features = keras.Input((None, feature_width(SPEC, 8)))
    network = keras.Model(
        features, layers.Dense(correction_width(SPEC, 8), kernel_initializer="zeros")(features)
    )
    checkpoint.save(path, NeuralInverter(network, SPEC, VocoderCard("tiny", 1, 1, 8, 0)))
    return path


@pytest.mark.slow
def test_every_method_has_a_row_and_the_source_lowers_the_error(tmp_path):
    _pair(tmp_path)
    done = _run("--pairs", tmp_path, "--vocoder", _vocoder(tmp_path / "vocoder.npz"), "--seconds", 1)
    assert done.returncode == 0, done.stderr
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    values = {name: list(map(float, (m_stft, mcd, f1))) for name, m_stft, mcd, _, f1, _ in rows}
    assert len(values) == 1 + 8 + 6
    assert {kad for _, _, _, kad, _, _ in rows} == {"-"}  # one second has no distribution
    assert values["Griffin-Lim, source's phase, 0"][0] < values["Griffin-Lim, random phase, 0"][0]
    assert all(0 <= f1 <= 1 and np.isfinite(m_stft + mcd) for m_stft, mcd, f1 in values.values())


@pytest.mark.slow
def test_missing_flags_are_user_errors(tmp_path):
    for arguments, sentence in (
        ((), "name either --pairs or --data"),
        (("--data", tmp_path, "--translator", tmp_path), "--translator needs --pairs"),
    ):
        done = _run(*arguments)
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
