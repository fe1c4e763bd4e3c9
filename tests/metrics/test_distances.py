import numpy as np
import pytest
import scipy.signal

from pipelines.audio.spec import AudioSpec
from pipelines.metrics.distances import (
    chroma_similarity,
    log_mel_error_db,
    multi_stft_distance,
    spectral_convergence,
)

RATE = 22050


def noise(samples: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(samples).astype(np.float32)


def tones(*notes: int, seconds: float = 1.5) -> np.ndarray:
    """MIDI notes with four harmonics each."""
    time = np.arange(int(seconds * RATE)) / RATE
    waves = [
        np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * k * time) / k
        for note in notes
        for k in (1, 2, 3, 4)
    ]
    return (0.1 * np.sum(waves, axis=0)).astype(np.float32)


def test_spectral_convergence():
    reference = np.array([3.0, 4.0])
    assert spectral_convergence(reference, reference * 1j) == 0
    assert spectral_convergence(reference, np.zeros(2)) == 1
    assert spectral_convergence(reference, np.array([3.0, 1.0])) == pytest.approx(0.6)


def test_multi_stft_of_equal_and_halved_recordings():
    sound = noise(8000)
    assert multi_stft_distance(sound, sound) == 0
    # Halving: convergence 0.5, and log 2 in every bin.
    assert multi_stft_distance(sound, sound / 2) == pytest.approx(0.5 + np.log(2), abs=0.01)


def test_multi_stft_against_scipy():
    one, other = noise(6000), noise(6000, seed=1)
    expected = []
    for n_fft, hop, length in ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240)):
        transform = scipy.signal.ShortTimeFFT(
            np.pad(scipy.signal.get_window("hann", length), (n_fft - length) // 2), hop, RATE, mfft=n_fft
        )
        middle = slice(transform.lower_border_end[1], transform.upper_border_begin(6000)[1])
        a, b = (np.abs(transform.stft(x))[:, middle] for x in (one, other))
        expected.append(np.linalg.norm(a - b) / np.linalg.norm(a) + np.abs(np.log(a / b)).mean())
    # The edges, which the two pad differently, are in neither or a small part of it.
    assert multi_stft_distance(one, other) == pytest.approx(np.mean(expected), rel=0.02)


def test_multi_stft_cuts_the_longer():
    sound = noise(8000)
    assert multi_stft_distance(sound, np.concatenate([sound, noise(100)])) == 0


def test_log_mel_error_is_in_decibels():
    spec = AudioSpec()
    db = np.zeros((2, 3)), np.array([[6.0, -6.0, 0.0], [3.0, 3.0, 0.0]])
    scaled = [2 * (values + 80) / spec.range_db - 1 for values in db]
    assert log_mel_error_db(spec, *scaled) == pytest.approx(3.0)


def test_chroma_depends_on_harmony_and_ignores_octaves_and_level():
    chord = tones(60, 64, 67)
    assert chroma_similarity(chord, 0.1 * tones(72, 76, 79), RATE) > 0.85
    assert chroma_similarity(chord, tones(61, 66, 70), RATE) < 0.6


def test_chroma_of_silence_is_not_similar():
    assert chroma_similarity(tones(60), np.zeros(RATE, np.float32), RATE) == 0.0
