"""`python -m tools benchmark vocoder` as a command, on tiny data."""

from __future__ import annotations

import subprocess
from pathlib import Path

import keras
import numpy as np
import pytest
import soundfile
from keras import layers

from pipelines.audio.spec import AudioSpec
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.neural_vocoder.inverter import NeuralInverter, VocoderCard
from pipelines.nn.neural_vocoder.signal import correction_width, feature_width
from tests import commands

pytestmark = pytest.mark.slow

SPEC = AudioSpec()


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


def test_every_method_has_a_row_and_the_source_lowers_the_error(tmp_path):
    _pair(tmp_path)
    done = _run("--pairs", tmp_path, "--vocoder", _vocoder(tmp_path / "vocoder.npz"), "--seconds", 1)
    assert done.returncode == 0, done.stderr
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    values = {name: list(map(float, (m_stft, mcd, f1))) for name, m_stft, mcd, f1, _ in rows}
    assert len(values) == 1 + 8 + 6
    assert values["Griffin-Lim, source's phase, 0"][0] < values["Griffin-Lim, random phase, 0"][0]
    assert all(0 <= f1 <= 1 and np.isfinite(m_stft + mcd) for m_stft, mcd, f1 in values.values())


def test_missing_flags_are_user_errors(tmp_path):
    for arguments, sentence in (
        ((), "name either --pairs or --data"),
        (("--data", tmp_path, "--translator", tmp_path), "--translator needs --pairs"),
    ):
        done = _run(*arguments)
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
