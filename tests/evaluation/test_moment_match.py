import librosa
import numpy as np
import pytest

from pipelines.evaluation import moment_match
from pipelines.evaluation.mel_levels import measure_levels
from tests.evaluation.test_eq_match import SPEC, noise


def swelling(seed: int, depth: float, tilt: float) -> np.ndarray:
    """Noise whose level swings by `depth` decibels up and down."""
    sound = noise(seed, tilt)
    return (sound * 10 ** (depth * np.sin(np.arange(len(sound)) / 2000) / 20)).astype(np.float32)


def librosa_levels(sound: np.ndarray) -> np.ndarray:
    """Log-mel, dB, [bands, frames]."""
    magnitude = np.abs(librosa.stft(sound, n_fft=512, hop_length=128, pad_mode="constant"))
    mel = librosa.filters.mel(sr=16000, n_fft=512, n_mels=40) @ magnitude
    return 20 * np.log10(np.maximum(mel, SPEC.floor))


def test_moments_are_librosas_over_all_frames_together():
    sounds = [swelling(0, 6, 0.5), noise(1)[:9000]]
    found = measure_levels(SPEC, sounds)
    levels = np.concatenate([librosa_levels(sound) for sound in sounds], axis=1)
    np.testing.assert_allclose(found.mean, levels.mean(axis=1), atol=1e-3)
    np.testing.assert_allclose(found.deviation, levels.std(axis=1), atol=1e-3)


def test_a_matched_song_has_the_bands_moments_by_librosa():
    band, song = swelling(2, 9, 0.9), swelling(3, 3, -0.7)
    wanted = measure_levels(SPEC, [band])
    matched = librosa_levels(moment_match.moment_match(SPEC, song, wanted))
    before = librosa_levels(song)
    assert np.abs(before.mean(axis=1) - wanted.mean).max() > 15
    # Overlapping frames and bands smooth the gains a little.
    assert np.abs(matched.mean(axis=1) - wanted.mean).mean() < 1.5
    assert np.abs(matched.std(axis=1) - wanted.deviation).mean() < 1.0
    assert np.abs(before.std(axis=1) - wanted.deviation).mean() > 1.0


def test_a_song_with_the_wanted_moments_comes_back_as_it_was():
    song = swelling(4, 6, 0.2)
    found = moment_match.moment_match(SPEC, song, measure_levels(SPEC, [song]))
    np.testing.assert_allclose(found, song, atol=1e-5)


def test_silence_stays_finite_and_silent():
    band = measure_levels(SPEC, [noise(5)])
    found = moment_match.moment_match(SPEC, np.zeros(4000, np.float32), band)
    assert found == pytest.approx(np.zeros(4000))
