import numpy as np
import pyloudnorm
import pytest
import soundfile
from scipy import signal

from pipelines.audio import files
from tests.tools.rendering.transcription.fakes import RATE, clicks
from tools.rendering import synth
from tools.rendering.transcription import encoding


@pytest.mark.parametrize("name", encoding.CODINGS)
def test_decoded_samples_are_not_delayed(name, tmp_path):
    samples, _ = clicks(12.3)
    path = tmp_path / f"recording{encoding.CODINGS[name][0]}"
    encoding.write(path, samples, name)
    decoded = files.read(path, RATE)
    assert decoded.shape == samples.shape
    correlation = signal.correlate(decoded.mean(axis=1), samples.mean(axis=1), method="fft")
    assert abs(int(np.argmax(correlation)) - (len(samples) - 1)) <= 1


@pytest.mark.parametrize("name", encoding.CODINGS)
def test_files_are_reproducible(name, tmp_path):
    samples, _ = clicks(1.0)
    for run in "12":
        encoding.write(tmp_path / run, samples, name)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_low_codings_are_smaller(tmp_path):
    samples = np.random.default_rng(0).normal(0, 0.1, (RATE * 3, 2)).astype(np.float32)
    sizes = {}
    for name in encoding.CODINGS:
        encoding.write(tmp_path / name, samples, name)
        sizes[name] = (tmp_path / name).stat().st_size
    assert sizes["low vorbis"] < sizes["vorbis"]
    assert sizes["low mp3"] < sizes["mp3"]


@pytest.mark.parametrize("gain", [0.01, 1.0, 30.0])
def test_every_level_is_normalised_to_the_loudness(gain):
    samples, _ = clicks()
    normalised = encoding.normalised(samples * np.float32(gain), -23.0)
    assert pyloudnorm.Meter(RATE).integrated_loudness(normalised) == pytest.approx(-23, abs=0.5)
    assert np.abs(normalised).max() <= synth.PEAK


def test_strong_transients_do_not_clip(tmp_path):
    samples = np.zeros((RATE * 3, 2), np.float32)
    samples[RATE :: RATE // 2] = 1.0
    samples[RATE + 1 :: RATE // 2] = -1.0
    normalised = encoding.normalised(samples, -23.0)
    assert 0.5 < np.abs(normalised).max() <= synth.PEAK
    encoding.write(tmp_path / "a.ogg", normalised, encoding.DEFAULT)
    assert np.abs(soundfile.read(tmp_path / "a.ogg")[0]).max() <= 1.0
