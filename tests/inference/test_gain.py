import math

import pytest

from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.inference import gain


def test_between_is_a_ratio_of_amplitudes():
    assert gain.between(-23.0, -17.0) == pytest.approx(1.9953, abs=1e-4)


def test_silence_is_left_as_it_is():
    assert gain.between(-math.inf, -23.0) == 1.0
    assert gain.between(-23.0, -math.inf) == 1.0
    assert gain.between(-math.inf, -math.inf) == 1.0


def test_a_gain_that_would_clip_is_limited_and_says_by_how_much():
    applied = gain.matching(-26.0, -20.0, peak=0.9)
    assert applied.factor * 0.9 == pytest.approx(gain.PEAK)
    assert applied.limited == pytest.approx(6.0 - 20 * math.log10(0.99 / 0.9))


def test_a_gain_that_fits_is_not_limited():
    applied = gain.matching(-20.0, -26.0, peak=0.9)
    assert applied == gain.Gain(pytest.approx(10 ** (-6 / 20)), 0.0)


def test_stereo_is_brought_3_db_higher_than_mono():
    assert gain.training_loudness(1) == TRAINING_LUFS
    assert gain.training_loudness(2) - gain.training_loudness(1) == pytest.approx(3.0103, abs=1e-4)
