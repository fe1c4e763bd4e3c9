import numpy as np
import pytest
from scipy import signal

from pipelines.data.survey.bandwidth import CENTRES, SpectrumMeter

RATE = 44100


def meter_of(samples, rate=RATE):
    meter = SpectrumMeter(rate)
    for block in np.array_split(samples, 3):
        meter.add(block[:, None].astype(np.float32))
    return meter


def pink(seconds=6.0):
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(size=round(seconds * RATE)))
    return np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1.0))


@pytest.mark.parametrize("cutoff", [8000, 11025, 16000])
def test_finds_a_steep_cut(cutoff):
    spectrum = np.fft.rfft(pink())
    spectrum[np.fft.rfftfreq(6 * RATE, 1 / RATE) > cutoff] *= 1e-3
    end = meter_of(np.fft.irfft(spectrum)).end()
    assert end.is_edge
    assert end.hertz == pytest.approx(cutoff, abs=80)


def test_a_full_spectrum_has_no_edge():
    end = meter_of(pink()).end()
    assert not end.is_edge
    assert end.hertz == pytest.approx(RATE / 2, abs=20)


def test_a_gentle_slope_ends_at_minus_seventy_decibels():
    """Second-order low-pass: 12 dB per octave; pink noise falls by 3 more."""
    slope = signal.sosfilt(signal.butter(2, 200, fs=RATE, output="sos"), pink(20))
    meter = meter_of(slope)
    assert not meter.end().is_edge
    levels = meter.levels_db()
    assert levels[round(meter.end().hertz * 4096 / RATE)] == pytest.approx(-70, abs=1.5)


def test_the_curve_is_the_spectrum():
    curve = meter_of(pink(20)).curve()
    octaves = np.log2(CENTRES[10:-4])
    assert np.polyfit(octaves, curve[10:-4], 1)[0] == pytest.approx(-3.0, abs=0.2)
    assert curve.mean() == pytest.approx(0, abs=1e-4)


def test_a_low_rate_has_no_levels_above_nyquist():
    curve = meter_of(np.random.default_rng(0).normal(size=16000), rate=8000).curve()
    assert np.isnan(curve[CENTRES > 4000]).all()
    assert np.isfinite(curve[CENTRES < 4000]).all()


def test_silence_has_no_sound():
    assert not meter_of(np.zeros(RATE)).has_sound
