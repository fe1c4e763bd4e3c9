import numpy as np
import pytest

from pipelines.metrics.waveforms import repeated, resampled, rms, unit_rms


def test_resampling_keeps_a_tone_and_the_seconds():
    time = np.arange(44100) / 44100
    found = resampled(np.sin(2 * np.pi * 440 * time), 44100, 16000)
    assert found.dtype == np.float32
    assert len(found) == 16000
    expected = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    np.testing.assert_allclose(found[500:-500], expected[500:-500], atol=1e-3)


def test_the_same_rate_and_nothing_at_all_stay():
    assert len(resampled(np.zeros(0), 44100, 16000)) == 0
    np.testing.assert_array_equal(resampled(np.arange(5.0), 100, 100), np.arange(5.0))


def test_levels():
    assert rms(np.array([3.0, 4.0])) == pytest.approx(np.sqrt(12.5))
    assert rms(np.zeros(0)) == 0
    np.testing.assert_allclose(unit_rms(np.array([2.0, -2.0])), [1, -1])
    np.testing.assert_array_equal(unit_rms(np.zeros(3)), np.zeros(3))


def test_what_is_short_is_played_again():
    np.testing.assert_array_equal(repeated(np.array([1, 2, 3]), 5), [1, 2, 3, 1, 2])
    np.testing.assert_array_equal(repeated(np.array([1, 2, 3]), 2), [1, 2, 3])
    np.testing.assert_array_equal(repeated(np.zeros(0), 2), [0, 0])
