import numpy as np
import pyloudnorm
import pytest

from pipelines.metrics.level_faults import DROPOUT_SHARE, RUNAWAY_LU, dropout_share, level_runaway

RATE = 16000


def song(seconds: int = 40, seed: int = 0) -> np.ndarray:
    """Noise whose level changes every second within 12 dB."""
    random = np.random.default_rng(seed)
    gains = 10 ** (random.uniform(-12, 0, seconds) / 20)
    return (0.1 * np.repeat(gains, RATE) * random.standard_normal(seconds * RATE)).astype(np.float32)


def changed(waveform: np.ndarray, start: float, end: float, gain_db: float) -> np.ndarray:
    copy = waveform.copy()
    copy[int(start * RATE) : int(end * RATE)] *= 10 ** (gain_db / 20)
    return copy


def test_the_source_itself_and_any_level_of_it_have_no_fault():
    source = song()
    assert level_runaway(source, source, RATE) <= 0
    assert level_runaway(0.01 * source, source, RATE) == pytest.approx(
        level_runaway(source, source, RATE), abs=0.01
    )
    assert dropout_share(0.01 * source, source, RATE) == 0


def test_an_outburst_has_its_own_height():
    """By pyloudnorm: the loudest three seconds against the median of all."""
    source = song()
    loud = changed(source, 10, 15, 20)
    meter = pyloudnorm.Meter(RATE, block_size=3)
    short = [meter.integrated_loudness(loud[i : i + 3 * RATE]) for i in range(0, 37 * RATE + 1, RATE)]
    found = level_runaway(loud, source, RATE)
    assert found > RUNAWAY_LU
    assert found == pytest.approx(max(short) - np.median(short), abs=2.5)
    assert level_runaway(changed(source, 10, 15, 3), source, RATE) < RUNAWAY_LU


def test_what_the_source_does_too_is_no_outburst():
    loud = changed(song(), 10, 15, 20)
    assert level_runaway(loud, loud, RATE) <= 0
    assert level_runaway(changed(loud, 10, 15, 6), loud, RATE) == pytest.approx(6, abs=0.1)


def test_a_quiet_passage_that_is_played_as_loud_as_the_rest_is_no_outburst():
    source = changed(song(), 10, 20, -30)
    assert level_runaway(song(), source, RATE) < 3
    assert level_runaway(source, song(), RATE) < 3


def test_a_gap_has_its_share_and_a_pause_of_the_source_none():
    source = song()
    gap = changed(source, 10, 14, -100)
    assert dropout_share(gap, source, RATE) == pytest.approx(0.1)
    assert dropout_share(gap, source, RATE) > DROPOUT_SHARE
    assert dropout_share(source, gap, RATE) == 0
    assert dropout_share(changed(source, 10, 14, -20), source, RATE) == 0
    assert dropout_share(source[: 30 * RATE], source, RATE) == pytest.approx(0.25)
    assert dropout_share(changed(changed(source, 0, 4, 30), 10, 14, -100), source, RATE) == pytest.approx(0.1)


def test_silence_and_short_recordings():
    source, silence = song(), np.zeros(40 * RATE, np.float32)
    assert np.isnan(level_runaway(silence, source, RATE))
    assert np.isnan(level_runaway(source, silence, RATE))
    assert np.isnan(level_runaway(source[:0], source[:0], RATE))
    assert dropout_share(silence, source, RATE) == 1
    assert dropout_share(source[:0], source, RATE) == 1
    assert np.isnan(dropout_share(source, silence, RATE))
    assert np.isnan(dropout_share(source[:0], source[:0], RATE))
    for samples in (1, 100, RATE):
        assert level_runaway(source[:samples], source[:samples], RATE) <= 0
        assert dropout_share(source[:samples], source[:samples], RATE) == 0
