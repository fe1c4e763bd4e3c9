import librosa
import numpy as np
import pytest
import scipy.signal

from pipelines.metrics.cepstral import mel_cepstra, mel_cepstral_distortion
from pipelines.metrics.lsd import (
    log_mel_db,
    log_spectral_distance_over_frequency,
    log_spectral_distance_over_time,
)

RATE = 16000
DISTANCES = (log_spectral_distance_over_frequency, log_spectral_distance_over_time, mel_cepstral_distortion)
every_distance = pytest.mark.parametrize("distance", DISTANCES)


def noise(seed: int = 0, samples: int = 16000) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(samples).astype(np.float32)


def scipy_db(samples: np.ndarray) -> np.ndarray:
    """Mel power in decibels of a recording at root-mean-square 1, by scipy's STFT: [bands, frames]."""
    samples = samples / np.sqrt(np.mean(samples.astype(np.float64) ** 2))
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, 1024), 2048)[::512]
    power = np.abs(scipy.fft.rfft(frames * scipy.signal.get_window("hann", 2048))) ** 2
    mel = librosa.filters.mel(sr=RATE, n_fft=2048, n_mels=128) @ power.T
    db = 10 * np.log10(np.maximum(mel, 1e-10))
    return np.maximum(db, db.max() - 80)


@every_distance
def test_equal_recordings_have_distance_zero_at_any_level(distance):
    sound = noise()
    assert distance(sound, sound, RATE) == 0
    assert distance(sound, 0.1 * sound, RATE) == pytest.approx(0, abs=1e-4)


@every_distance
def test_the_distance_grows_with_the_noise(distance):
    sound = scipy.signal.lfilter([1], [1, -0.9], noise())
    found = [distance(sound, sound + level * noise(1), RATE) for level in (0.03, 0.1, 0.3, 1.0)]
    assert found[0] > 0
    assert np.all(np.diff(found) > 0)


@every_distance
def test_the_longer_is_cut_before_its_level_is_measured(distance):
    sound = noise()
    assert distance(sound, np.concatenate([sound, 9 * noise(2, 5000)]), RATE) == 0


@every_distance
@pytest.mark.parametrize("samples", [0, 500, 16000])
def test_silence_and_short_recordings_have_finite_distances(distance, samples):
    sound, silence = noise(samples=samples), np.zeros(samples, np.float32)
    assert distance(silence, silence, RATE) == 0
    assert np.isfinite(distance(sound, silence, RATE))


@every_distance
def test_the_rate_hardly_matters(distance):
    low = scipy.signal.resample_poly(noise(), 1, 3), scipy.signal.resample_poly(noise(1), 1, 3)
    one, other = (scipy.signal.resample_poly(sound, 3, 1).astype(np.float32) for sound in low)
    faster = [scipy.signal.resample_poly(sound, 3, 1).astype(np.float32) for sound in (one, other)]
    assert distance(*faster, 3 * RATE) == pytest.approx(distance(one, other, RATE), rel=0.05)


def test_spectra_are_those_of_scipy():
    sound = scipy.signal.lfilter([1], [1, -0.99], noise())
    np.testing.assert_allclose(log_mel_db(sound, RATE), scipy_db(sound), atol=1e-2)


def test_the_two_conventions_average_in_different_orders():
    one, other = noise(), scipy.signal.lfilter([1], [1, -0.7], noise(1))
    squares = (scipy_db(one) - scipy_db(other)) ** 2
    over_frequency = log_spectral_distance_over_frequency(one, other, RATE)
    over_time = log_spectral_distance_over_time(one, other, RATE)
    assert over_frequency == pytest.approx(np.sqrt(squares.mean(axis=0)).mean(), rel=1e-3)
    assert over_time == pytest.approx(np.sqrt(squares.mean(axis=1)).mean(), rel=1e-3)
    assert abs(over_frequency - over_time) > 0.05


def test_distortion_is_that_of_scipys_cepstra():
    one, other = noise(), scipy.signal.lfilter([1], [1, -0.7], noise(1))
    cepstra = [scipy.fft.dct(scipy_db(x) * np.log(10) / 20, axis=0)[1:14] / 128 for x in (one, other)]
    frames = np.sqrt(((cepstra[0] - cepstra[1]) ** 2).sum(axis=0))
    wanted = 10 * np.sqrt(2) / np.log(10) * frames.mean()
    assert mel_cepstral_distortion(one, other, RATE) == pytest.approx(wanted, rel=1e-3)


@pytest.mark.parametrize(("order", "in_range"), [(1, True), (13, True), (14, False), (0, False)])
def test_a_ripple_of_six_decibels_is_one_coefficient(order, in_range):
    ripple = 6 * np.cos(np.pi * order * (np.arange(128) + 0.5) / 128)
    cepstra = mel_cepstra(ripple[:, None])[:, 0]
    wanted = np.zeros(13)
    if in_range:
        wanted[order - 1] = 6 * np.log(10) / 20
        # So that the formula's constant gives the ripple's root mean square, in decibels.
        distortion = 10 * np.sqrt(2) / np.log(10) * np.linalg.norm(cepstra)
        assert distortion == pytest.approx(np.sqrt(np.mean(ripple**2)))
    np.testing.assert_allclose(cepstra, wanted, atol=1e-12)
