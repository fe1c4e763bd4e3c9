import math

import numpy as np
import pytest

from pipelines.metrics.si_sdr import si_sdr

RANDOM = np.random.default_rng(0)
VOICE, BAND = RANDOM.standard_normal((2, 4000)).astype(np.float32)


def test_equals_the_textbook_formula():
    """By least squares, not by inner products."""
    mix = 0.3 * VOICE + BAND
    (gain,), *_ = np.linalg.lstsq(VOICE[:, None].astype(float), mix.astype(float), rcond=None)
    expected = 20 * np.log10(np.linalg.norm(gain * VOICE) / np.linalg.norm(mix - gain * VOICE))
    assert si_sdr(mix, VOICE) == pytest.approx(expected, abs=1e-4)
    assert expected == pytest.approx(20 * np.log10(0.3), abs=0.5)


def test_levels_signs_and_lengths_do_not_count():
    expected = si_sdr(0.3 * VOICE + BAND, VOICE)
    assert si_sdr(-30 * VOICE - 100 * BAND, 0.01 * VOICE) == pytest.approx(expected, abs=1e-4)
    assert si_sdr(0.3 * VOICE + BAND, np.append(VOICE, VOICE)) == pytest.approx(expected, abs=1e-4)


def test_the_reference_itself_what_is_orthogonal_to_it_and_silence():
    one, other = np.array([[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 1.0]])
    assert si_sdr(one, one) == math.inf
    assert si_sdr(one, other) == -math.inf
    assert math.isnan(si_sdr(one, 0 * one))
    assert math.isnan(si_sdr(0 * one, one))
    assert math.isnan(si_sdr(one[:0], one))
