import math

import numpy as np
import pyloudnorm
import pytest

from pipelines.audio.loudness import LoudnessMeter


def song(rate: int, channels: int, seconds: float = 7.3) -> np.ndarray:
    """Noise whose level falls from loud to below the relative gate, and is silent at the end."""
    samples = int(seconds * rate)
    noise = np.random.default_rng(1).standard_normal((samples, channels))
    level = np.interp(np.linspace(0, 1, samples), [0, 0.4, 0.6, 0.9, 1], [0.5, 0.3, 1e-2, 1e-6, 0])
    return noise * level[:, None]


def measured(samples: np.ndarray, rate: int, block: int) -> float:
    meter = LoudnessMeter(rate, samples.shape[1])
    for start in range(0, len(samples), block):
        meter.add(samples[start : start + block])
    return meter.integrated()


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_equals_pyloudnorm_for_any_rate(rate, channels):
    samples = song(rate, channels)
    expected = pyloudnorm.Meter(rate).integrated_loudness(samples)
    assert measured(samples, rate, 4096) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("block", [101, 2205, 10000, 10**9])
@pytest.mark.parametrize("seconds", [0.4, 1.04, 1.06, 3.0])
def test_equals_pyloudnorm_for_any_blocking(block, seconds):
    samples = song(22050, 2, seconds)
    expected = pyloudnorm.Meter(22050).integrated_loudness(samples)
    assert measured(samples, 22050, block) == pytest.approx(expected, abs=0.01)


def test_a_full_scale_sine_of_997_hz_is_minus_3_lufs():
    sine = np.sin(2 * np.pi * 997 * np.arange(48000 * 3) / 48000)[:, None]
    assert measured(sine, 48000, 5000) == pytest.approx(-3.01, abs=0.05)


def test_silence_and_empty_signals_are_minus_infinity():
    assert measured(np.zeros((44100, 2)), 44100, 4096) == -math.inf
    assert LoudnessMeter(44100, 1).integrated() == -math.inf


def test_short_signals_are_padded_to_a_gating_block():
    sound = song(44100, 1, 0.2)
    filled = np.concatenate([sound, np.zeros((int(0.4 * 44100) - len(sound), 1))])
    expected = pyloudnorm.Meter(44100).integrated_loudness(filled)
    assert measured(sound, 44100, 1000) == pytest.approx(expected, abs=0.2)


def test_memory_is_one_energy_per_100_ms():
    meter = LoudnessMeter(8000, 1)
    for _ in range(100):
        meter.add(np.ones((8000, 1)))
    held = sum(np.asarray(value, dtype=object).size for value in vars(meter).values())
    assert held < 1100
