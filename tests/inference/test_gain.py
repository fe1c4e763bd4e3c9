import math

import numpy as np
import pyloudnorm
import pytest
import tensorflow as tf
from scipy import signal

from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.audio.true_peak import CEILING
from pipelines.inference import gain
from pipelines.inference.graph_limiter import limit
from tests.inference import tiny

RATE = tiny.SPEC.sample_rate


def loudness(samples: np.ndarray) -> float:
    return pyloudnorm.Meter(RATE).integrated_loudness(samples)


def true_peak(samples: np.ndarray) -> float:
    return float(np.abs(signal.resample_poly(samples, 4, 1, axis=0)).max())


def test_the_gain_is_a_ratio_of_amplitudes():
    assert gain.loudness_gain(-23.0, -17.0) == pytest.approx(1.9953, abs=1e-4)


def test_silence_is_left_as_it_is():
    assert gain.loudness_gain(-math.inf, -23.0) == 1.0
    assert gain.loudness_gain(-23.0, -math.inf) == 1.0
    assert gain.loudness_gain(-math.inf, -math.inf) == 1.0
    silence = np.zeros((RATE, 2), np.float32)
    result, shortfall = gain.match_loudness(silence, -20.0, RATE)
    np.testing.assert_array_equal(result, silence)
    assert shortfall == 0.0


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("target", [-20.0, -12.0, -9.0])
def test_a_limited_song_is_as_loud_as_the_target(channels: int, target: float):
    song = tiny.song(3.0, channels)
    result, shortfall = gain.match_loudness(song, target, RATE)
    assert loudness(result) == pytest.approx(target, abs=0.3)
    assert true_peak(result) <= CEILING
    assert shortfall == pytest.approx(max(0.0, target - loudness(result)), abs=0.1)


def test_without_peaks_to_limit_it_is_one_gain():
    song = tiny.song(3.0)
    result, _ = gain.match_loudness(song, loudness(song) - 6.0, RATE)
    np.testing.assert_allclose(result, song * 10 ** (-6 / 20), atol=1e-5)


def test_an_unreachable_loudness_leaves_a_shortfall():
    result, shortfall = gain.match_loudness(tiny.song(3.0), 3.0, RATE)
    assert shortfall == pytest.approx(3.0 - loudness(result), abs=0.3)
    assert shortfall > 1.0
    assert true_peak(result) <= CEILING


def test_a_song_measured_in_blocks_gets_the_same_gain():
    song = tiny.song(3.0)
    whole, blocks = (gain.MakeupMeter(RATE, 2) for _ in range(2))
    whole.add(song)
    for block in np.array_split(song, 50):
        blocks.add(block)
    assert blocks.gain_to(-9.0).factor == pytest.approx(whole.gain_to(-9.0).factor, rel=1e-5)


def test_a_waveform_goes_through_in_blocks(monkeypatch):
    song = tiny.song(3.0)
    whole, shortfall = gain.match_loudness(song, -9.0, RATE)
    monkeypatch.setattr(gain, "_BLOCK_SECONDS", 0.25)
    sizes, add = [], gain.Limiter.add
    monkeypatch.setattr(gain.Limiter, "add", lambda self, block: sizes.append(len(block)) or add(self, block))
    blocks, blocks_shortfall = gain.match_loudness(song, -9.0, RATE)
    assert max(sizes) == round(0.25 * RATE)
    np.testing.assert_allclose(blocks, whole, atol=1e-5)
    assert blocks_shortfall == pytest.approx(shortfall, abs=1e-3)


def test_no_ceiling_is_no_limiting():
    meter = gain.MakeupMeter(RATE, 2)
    meter.add(tiny.song(3.0))
    measured = meter.integrated()
    assert meter.gain_to(0.0, math.inf).factor == pytest.approx(10 ** (-measured / 20), rel=1e-5)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_graph_limits_likewise(channels: int):
    song = tiny.song(2.0, channels)
    ours, _ = gain.match_loudness(song, -9.0, RATE)
    factor = np.float32(gain.loudness_gain(loudness(song), -9.0))
    graph = tf.function(lambda x: limit(x, tf.constant(factor), RATE, tf.constant(CEILING)), autograph=False)
    np.testing.assert_allclose(graph(song), ours, atol=1e-4)


def test_stereo_is_brought_3_db_higher_than_mono():
    assert gain.training_loudness(1) == TRAINING_LUFS
    assert gain.training_loudness(2) - gain.training_loudness(1) == pytest.approx(3.0103, abs=1e-4)
