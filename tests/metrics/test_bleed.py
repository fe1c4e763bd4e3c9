import math

import numpy as np
import pytest

from pipelines.metrics import bleed as module
from pipelines.metrics.bleed import TAPS, bleed

RATE = 8000
RANDOM = np.random.default_rng(0)
VOICE, BAND, OTHER = RANDOM.standard_normal((3, 4 * RATE))


def delays(reference: np.ndarray, taps: int) -> np.ndarray:
    """Columns of a reference, delayed by -taps / 2 to taps / 2 - 1 samples, with zeros around it."""
    padded = np.pad(reference, taps)
    return np.stack(
        [padded[taps - lag : taps - lag + len(reference)] for lag in range(-taps // 2, taps // 2)], axis=1
    )


def explained(mix: np.ndarray, columns: np.ndarray) -> float:
    """Energy of the projection of a mix on columns."""
    weights, *_ = np.linalg.lstsq(columns, mix, rcond=None)
    return float(np.square(columns @ weights).sum())


def by_chance(samples: int) -> float:
    """Bleed, dB, of a cover that is all accompaniment: as a voice, noise explains a share of it by chance."""
    return 10 * np.log10(1 - TAPS / samples)


@pytest.mark.parametrize("voice", [VOICE, 0.5 * VOICE + np.roll(BAND, 3)])
def test_equals_a_projection_on_explicit_delays(voice):
    """Without the edges, where delayed references end outside the segment."""
    taps, quiet = 16, np.ones(len(BAND))
    quiet[:taps] = quiet[-taps:] = 0
    voice, band = voice * quiet, BAND * quiet
    cover = OTHER + voice + np.convolve(band, [0.1, -0.4, 0.2], mode="same")
    both = np.concatenate([delays(voice, taps), delays(band, taps)], axis=1)
    share = (explained(cover, both) - explained(cover, delays(voice, taps))) / np.square(cover).sum()
    assert bleed(cover, band, voice, RATE, taps) == pytest.approx(10 * np.log10(share), abs=0.01)


def test_a_filtered_accompaniment_is_all_bleed():
    early_and_late = np.convolve(BAND, RANDOM.standard_normal(101), mode="same")
    assert bleed(0.01 * early_and_late, BAND, VOICE, RATE) == pytest.approx(by_chance(len(BAND)), abs=0.02)


def test_known_shares():
    """Of independent noises: the energy of each is known, and 512 taps explain 1.6 % of any by chance."""
    level = 10 ** (-6 / 20)
    expected = 10 * np.log10(level**2 / (level**2 + 2))
    assert bleed(OTHER + VOICE + level * BAND, BAND, VOICE, RATE) == pytest.approx(expected, abs=0.3)
    assert bleed(OTHER + VOICE, BAND, VOICE, RATE) == pytest.approx(
        10 * np.log10(512 / len(BAND) / 2), abs=0.6
    )


def test_the_voice_is_no_bleed():
    assert bleed(VOICE, BAND, VOICE, RATE) < -60
    assert bleed(VOICE, VOICE, VOICE, RATE) < -60


def test_filters_may_change_from_segment_to_segment(monkeypatch):
    cover = BAND * np.repeat([1, -0.2], 2 * RATE)
    assert bleed(cover, BAND, VOICE, RATE) < -1
    monkeypatch.setattr(module, "SEGMENT_SECONDS", 2)
    assert bleed(cover, BAND, VOICE, RATE) == pytest.approx(by_chance(len(BAND) // 2), abs=0.04)


def test_silence_and_no_samples():
    assert math.isnan(bleed(0 * BAND, BAND, VOICE, RATE))
    assert math.isnan(bleed(BAND[:0], BAND, VOICE, RATE))
    assert bleed(OTHER, 0 * BAND, VOICE, RATE) == -100
    assert bleed(BAND, BAND, 0 * VOICE, RATE) == pytest.approx(0, abs=0.02)
