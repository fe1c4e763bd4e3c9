import librosa
import numpy as np
import pytest
import scipy.signal

from pipelines.audio.spec import AudioSpec
from pipelines.evaluation import eq_match

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=40, fmax=8000.0)


def noise(seed: int, tilt: float = 0.0, samples: int = 40000) -> np.ndarray:
    """Noise through a one-pole filter: positive tilts are dark, negative ones bright."""
    white = 0.1 * np.random.default_rng(seed).standard_normal(samples)
    return scipy.signal.lfilter([1.0], [1.0, -tilt], white).astype(np.float32)


def librosa_spectrum(*sounds: np.ndarray) -> np.ndarray:
    """Root-mean-square mel magnitudes of all frames together, decibels."""
    frames = [np.abs(librosa.stft(sound, n_fft=512, hop_length=128, pad_mode="constant")) for sound in sounds]
    filters = librosa.filters.mel(sr=16000, n_fft=512, n_mels=40)
    mels = filters @ np.concatenate(frames, axis=1)
    return 20 * np.log10(np.sqrt((mels**2).mean(axis=1)))


def test_the_long_term_spectrum_is_librosas_over_all_frames_together():
    sounds = [noise(0), noise(1, 0.8, samples=9000)]
    found = eq_match.long_term_spectrum(SPEC, sounds)
    np.testing.assert_allclose(found, librosa_spectrum(*sounds), atol=1e-3)


def test_silence_has_the_spectrum_of_the_floor():
    assert eq_match.long_term_spectrum(SPEC, [np.zeros(4000, np.float32)]) == pytest.approx(-80.0)


def test_a_matched_song_has_the_bands_spectrum_by_librosa():
    band, song = noise(2, 0.9), noise(3, -0.7)
    wanted = librosa_spectrum(band)
    matched = eq_match.eq_match(SPEC, song[:, None], eq_match.long_term_spectrum(SPEC, [band]))
    assert matched.shape == (40000, 1)
    assert np.abs(librosa_spectrum(song) - wanted).max() > 15
    assert np.abs(librosa_spectrum(matched[:, 0]) - wanted).max() < 1.0


def test_a_song_with_the_wanted_spectrum_comes_back_as_it_was():
    song = np.stack([noise(4), 0.5 * noise(5)], axis=1)
    wanted = eq_match.long_term_spectrum(SPEC, [song.mean(axis=1)])
    np.testing.assert_allclose(eq_match.eq_match(SPEC, song, wanted), song, atol=1e-5)


def test_equal_offsets_are_one_gain_and_both_channels_get_it():
    level = eq_match.long_term_spectrum(SPEC, [noise(6)])
    gains = eq_match.equaliser_gains(SPEC, level, level + 6.0206)
    np.testing.assert_allclose(gains, 2.0, rtol=1e-4)
    song = np.stack([noise(7), noise(8)], axis=1)
    np.testing.assert_allclose(eq_match.equalise(SPEC, song, gains), 2 * song, atol=1e-4)


def test_bins_outside_the_bands_get_their_neighbours_gain():
    spec = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=20, fmin=500.0, fmax=4000.0)
    gains = eq_match.equaliser_gains(spec, np.zeros(20), np.linspace(-12.0, 12.0, 20))
    np.testing.assert_allclose(gains[:16], gains[17], rtol=1e-6)
    np.testing.assert_allclose(gains[129:], gains[127], rtol=1e-6)
    assert gains[17] == pytest.approx(10 ** (-12 / 20), rel=1e-4)
    assert np.all(np.diff(gains[17:128]) >= 0)
