import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from tests.tools.rendering.transcription.fakes import RATE, clicks, sines
from tools.rendering.scores import Note
from tools.rendering.transcription import effects


def _shift(one, other):
    """Delay of the other in samples."""
    correlation = signal.correlate(other.mean(axis=1), one.mean(axis=1), method="fft")
    return int(np.argmax(correlation)) - (len(one) - 1)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", effects.PRODUCTION)
def test_effects_preserve_onsets(name, seed):
    samples, _ = clicks()
    changed = effects.apply(samples, (name,), seed)
    assert (changed.shape, changed.dtype) == (samples.shape, np.float32)
    assert np.isfinite(changed).all()
    assert not np.allclose(changed, samples, atol=1e-4)
    assert abs(_shift(samples, changed)) <= 2


def test_shift_is_measured():
    samples, _ = clicks()
    assert _shift(samples, np.roll(samples, 300, axis=0)) == 300


@pytest.mark.parametrize("name", sorted(set(effects.PRODUCTION) - {"limiter"}))
def test_effects_depend_on_the_seed_only(name):
    samples, _ = clicks(1.0)
    one, same, other = (effects.apply(samples, (name,), seed) for seed in (5, 5, 6))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("name", ["equaliser", "reverberation", "compression", "narrow"])
def test_silence_before_the_first_note_stays_silent(name):
    samples = sines([Note(1.0, 0.5, 60, 0)], 2.0)
    changed = effects.apply(samples, (name,), 3)
    loud = np.sqrt(np.mean(changed[RATE:] ** 2))
    assert np.sqrt(np.mean(changed[: RATE - RATE // 10] ** 2)) < 0.01 * loud


def test_compression_reduces_the_dynamic_range():
    samples = sines([Note(0.0, 1.0, 60, 0), Note(1.0, 1.0, 60, 0)], 2.0)
    samples[RATE:] *= 0.1
    changed = effects.apply(samples, ("compression",), 0)

    def ratio(waveform):
        return np.std(waveform[RATE // 2 : RATE]) / np.std(waveform[3 * RATE // 2 :])

    assert ratio(changed) < 0.9 * ratio(samples)


@pytest.mark.parametrize("seed", range(4))
def test_noise_is_at_least_15_db_below(seed):
    samples, _ = clicks()
    added = effects.apply(samples, ("noise",), seed) - samples
    below = 20 * np.log10(np.std(samples) / np.std(added))
    assert 14.9 < below < 50.5


def test_limiter_makes_records_loud():
    samples = sines([Note(0.0, 2.0, 60, 0), Note(2.0, 2.0, 64, 0)], 4.0)
    loud = effects.apply(samples, ("limiter",), 0)
    assert pyloudnorm.Meter(RATE).integrated_loudness(loud) == pytest.approx(-8, abs=0.7)
    assert np.abs(loud).max() < 1


@pytest.mark.parametrize("seed", range(3))
def test_amplifier_holds_a_decaying_chord(seed):
    notes = [Note(0.0, 2.0, 48, 0), Note(0.0, 2.0, 55, 0)]
    samples = sines(notes, 2.0) * np.exp(-np.arange(2 * RATE) / RATE)[:, None].astype(np.float32)
    driven = effects.amplifier(samples, np.random.default_rng(seed))

    def fall(waveform):
        return 20 * np.log10(np.std(waveform[RATE // 10 : RATE // 2]) / np.std(waveform[3 * RATE // 2 :]))

    assert fall(samples) > 9
    assert fall(driven) < 0.8 * fall(samples)
    assert np.sqrt(np.mean(driven**2)) == pytest.approx(1, abs=0.01)
    # An octave below the lower tone: the difference of the two, which no sum of the notes has.
    power = np.abs(np.fft.rfft(driven.mean(axis=1) * np.hanning(len(driven)))) ** 2
    hertz = np.fft.rfftfreq(len(driven), 1 / RATE)
    difference = 440 * (2 ** ((55 - 69) / 12) - 2 ** ((48 - 69) / 12))
    near, beside = (power[np.abs(hertz - center) < 2].max() for center in (difference, difference * 2**0.25))
    assert near > 100 * beside


def test_amplifier_of_silence_is_silent():
    assert not effects.amplifier(np.zeros((RATE, 2), np.float32), np.random.default_rng(0)).any()


def test_names_of_codings_are_ignored():
    samples, _ = clicks(1.0)
    assert np.array_equal(effects.apply(samples, ("low mp3",), 0), samples)
