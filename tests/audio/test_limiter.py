"""Limited noise and music, against true peaks measured by SciPy's resampler."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import signal

from pipelines.audio.limiter import Limiter, attenuation, excess, look_ahead, sample_gains
from pipelines.audio.true_peak import CEILING, STEP, PeakMeter
from pipelines.inference.graph_limiter import true_peaks

RATE = 22050


def music(seconds: float, channels: int, level: float = 1.0) -> np.ndarray:
    """A bass note, noise and clicks, float32 [samples, channels]."""
    generator = np.random.default_rng(1)
    time = np.arange(round(seconds * RATE)) / RATE
    bass = np.sin(2 * np.pi * 82.4 * time) * np.exp(-2 * (time % 0.7))
    clicks = (generator.random((len(time), channels)) > 0.9995) * generator.standard_normal(
        (len(time), channels)
    )
    noise = 0.05 * generator.standard_normal((len(time), channels))
    return (level * (bass[:, None] + 2 * clicks + noise)).astype(np.float32)


def true_peak(samples: np.ndarray) -> float:
    return float(np.abs(signal.resample_poly(samples, 4, 1, axis=0)).max())


def limited(samples: np.ndarray, pieces: int = 1) -> np.ndarray:
    limiter = Limiter(RATE, samples.shape[1])
    found = np.concatenate([*map(limiter.add, np.array_split(samples, pieces)), limiter.finish()])
    assert found.dtype == np.float32
    return found


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("level", [0.9, 3.0, 30.0])
def test_no_true_peak_exceeds_the_ceiling(channels: int, level: float):
    loud = music(2.0, channels, level)
    assert true_peak(loud) > 1.05 * CEILING
    result = limited(loud)
    assert result.shape == loud.shape
    assert 0.97 * CEILING < true_peak(result) <= CEILING


def test_peaks_between_the_samples_count():
    # A quarter of the sample rate, an eighth of a turn late: every sample is 3 dB below the peaks.
    tone = 1.2 * np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4)
    assert np.abs(tone).max() < CEILING
    result = limited(tone[:, None].astype(np.float32))
    assert true_peak(result * signal.windows.tukey(RATE, 0.1)[:, None]) <= CEILING


def test_signals_below_the_ceiling_are_unchanged():
    quiet = music(1.0, 2, 0.1)
    assert true_peak(quiet) < CEILING
    np.testing.assert_array_equal(limited(quiet), quiet)


@pytest.mark.parametrize("pieces", [2, 7, 400])
def test_blockwise_equals_whole(pieces: int):
    loud = music(1.5, 2, 3.0)
    np.testing.assert_allclose(limited(loud, pieces), limited(loud), atol=1e-6)


@pytest.mark.parametrize("samples", [0, 1, STEP - 1, STEP, STEP + 1, 1000])
def test_any_length(samples: int):
    assert limited(music(1.0, 2, 3.0)[:samples], 2).shape == (samples, 2)


def test_channels_have_the_same_gain():
    loud = music(1.0, 2, 3.0)
    loud[:, 1] *= 0.1
    result = limited(loud)
    np.testing.assert_allclose(result[:, 1], result[:, 0] * loud[:, 1] / loud[:, 0], atol=1e-5)


def test_the_gain_falls_before_a_peak_and_recovers_after_it():
    burst = np.full((RATE, 1), 0.1, np.float32)
    burst[RATE // 2 : RATE // 2 + 10] = 4.0
    gains = (limited(burst) / burst)[:, 0]
    early = round(1.5 * look_ahead(RATE) * STEP) + 2 * STEP
    np.testing.assert_array_equal(gains[: RATE // 2 - early], 1.0)
    assert np.abs(np.diff(gains)).max() < 0.02
    assert gains[RATE // 2 + RATE // 10] == pytest.approx(1.0, abs=0.4)
    np.testing.assert_allclose(gains[-RATE // 20 :], 1.0, atol=0.01)


def test_numpy_and_tensorflow_agree():
    log_peaks = np.random.default_rng(0).standard_normal(500).astype(np.float32)
    ours = sample_gains(np, attenuation(np, excess(np, log_peaks, np.float32(0.3), CEILING), RATE))
    graph = tf.function(
        lambda x: sample_gains(tf, attenuation(tf, excess(tf, x, 0.3, tf.constant(CEILING)), RATE))
    )
    assert ours.min() < 0.5
    np.testing.assert_allclose(graph(log_peaks), ours, atol=1e-6)


def test_true_peaks_are_scipys_and_the_graph_s():
    samples = music(1.0, 2)[: 300 * STEP]
    meter = PeakMeter(2)
    ours = np.concatenate([meter.add(samples[:5000]), meter.add(samples[5000:]), meter.finish()])
    peer = np.abs(signal.resample_poly(samples, 4, 1, axis=0)).reshape(300, -1).max(axis=1)
    np.testing.assert_allclose(ours, peer, atol=1e-4)
    np.testing.assert_allclose(true_peaks(tf.constant(samples), tf.constant(300)), ours, atol=1e-6)
