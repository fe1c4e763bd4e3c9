import numpy as np
import pytest
import scipy.signal

from pipelines.metrics import lsd
from pipelines.metrics.dynamic_range import limited, limited_log_mel_error

RATE = 16000
DISTANCES = (lsd.log_spectral_distance_over_frequency, lsd.log_spectral_distance_over_time)


def test_cells_below_the_references_range_are_raised_in_both():
    reference = np.array([[0.0, -50.0], [-59.0, -100.0], [-90.0, -120.0]])
    estimate = np.array([[-70.0, -50.0], [-59.0, -130.0], [-80.0, -40.0]])
    one, other = limited(reference, estimate)
    np.testing.assert_array_equal(one, [[0, -50], [-59, -100], [-60, -110]])
    np.testing.assert_array_equal(other, [[-60, -50], [-59, -110], [-60, -40]])


def test_the_error_is_the_mean_within_the_range():
    reference = np.array([[0.0, 0.0], [-80.0, -30.0]])
    estimate = np.array([[3.0, 0.0, 9.0], [-100.0, -90.0, 9.0]])
    assert limited_log_mel_error(reference, estimate) == pytest.approx((3 + 0 + 0 + 30) / 4)
    assert limited_log_mel_error(reference, estimate, range_db=40) == pytest.approx((3 + 0 + 0 + 10) / 4)
    assert np.isnan(limited_log_mel_error(reference, estimate[:, :0]))


def tone_in_noise(level: float) -> np.ndarray:
    """Tone that fades in and out, so that no frame has the sidebands of an edge."""
    noise = np.random.default_rng(int(1e6 * level)).standard_normal(RATE)
    tone = np.hanning(RATE) * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    return (tone + level * noise).astype(np.float32)


@pytest.mark.parametrize("distance", DISTANCES)
def test_inaudible_noise_counts_in_the_distance_without_limit_only(distance):
    one, other = tone_in_noise(2e-3), tone_in_noise(4e-3)
    assert distance(one, other, RATE) > 3
    assert distance(one, other, RATE, range_db=30) < 0.3 * distance(one, other, RATE)
    assert distance(one, other, RATE, range_db=200) == pytest.approx(distance(one, other, RATE))


@pytest.mark.parametrize("distance", DISTANCES)
def test_audible_errors_count_with_the_limit_too(distance):
    sound = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    dull = scipy.signal.lfilter([1], [1, -0.7], sound)
    assert distance(sound, dull, RATE, range_db=60) == pytest.approx(distance(sound, dull, RATE), rel=0.01)


@pytest.mark.parametrize("distance", DISTANCES)
def test_silence_has_a_finite_distance(distance):
    silence = np.zeros(RATE, np.float32)
    assert distance(silence, silence, RATE, range_db=60) == 0
    assert np.isfinite(distance(tone_in_noise(0.1), silence, RATE, range_db=60))
    assert np.isfinite(distance(silence, tone_in_noise(0.1), RATE, range_db=60))
