import librosa
import numpy as np
import pytest
import tensorflow as tf

from pipelines.audio.mel import magnitude_to_mel, mel_to_magnitude, with_dc
from pipelines.audio.mel_filters import mel_matrix
from pipelines.audio.spec import AudioSpec

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=64, fmax=8000.0)


def magnitudes() -> np.ndarray:
    """Peaks on a floor, like tones in a room: [20 frames, 257 bins]."""
    rng = np.random.default_rng(0)
    peaks = 30 * (rng.random((20, 257)) > 0.95) * rng.random((20, 257))
    return (peaks + 0.05 * rng.random((20, 257))).astype(np.float32)


@pytest.mark.parametrize(
    "spec",
    [
        SPEC,
        AudioSpec(),
        AudioSpec(sample_rate=22050, n_fft=1024, n_mels=80, fmin=50.0, fmax=7600.0),
        AudioSpec(sample_rate=8000, n_fft=512, n_mels=20, fmin=0.0, fmax=900.0),
    ],
)
def test_matrix_is_librosas(spec: AudioSpec):
    expected = librosa.filters.mel(
        sr=spec.sample_rate, n_fft=spec.n_fft, n_mels=spec.n_mels, fmin=spec.fmin, fmax=spec.fmax
    ).T
    np.testing.assert_array_equal(mel_matrix(spec), expected)


def test_mel_of_magnitudes():
    expected = magnitudes().astype(np.float64) @ mel_matrix(SPEC)
    np.testing.assert_allclose(magnitude_to_mel(SPEC, magnitudes()), expected, rtol=1e-5)


def test_magnitudes_have_the_given_mel():
    mel = magnitude_to_mel(SPEC, magnitudes()).numpy()
    found = mel_to_magnitude(SPEC, mel, iterations=30).numpy()
    assert found.min() >= 0
    again = magnitude_to_mel(SPEC, found).numpy()
    assert np.linalg.norm(again - mel) / np.linalg.norm(mel) < 0.02


def test_as_accurate_as_librosas_nnls():
    true = magnitudes()
    mel = magnitude_to_mel(SPEC, true).numpy()
    peer = librosa.feature.inverse.mel_to_stft(mel.T, sr=16000, n_fft=512, power=1.0, htk=False).T
    ours = mel_to_magnitude(SPEC, mel).numpy()
    assert np.linalg.norm(ours - true) <= 1.05 * np.linalg.norm(peer - true)


def test_a_source_with_this_mel_is_kept():
    true = magnitudes()
    true[:, [0, -1]] = 0
    mel = magnitude_to_mel(SPEC, true)
    np.testing.assert_allclose(mel_to_magnitude(SPEC, mel, start=true), true, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("dc", [0.0, 0.4, 3.0])
def test_the_dc_bin_follows_the_first(dc):
    source, magnitude = magnitudes(), 5 * magnitudes()[::-1]
    source[:, 0], magnitude[:, 0] = dc * source[:, 1], 0
    found = with_dc(magnitude, source).numpy()
    np.testing.assert_allclose(found[:, 0], min(dc, 1) * magnitude[:, 1], rtol=1e-6)
    np.testing.assert_array_equal(found[:, 1:], magnitude[:, 1:])


def test_the_dc_bin_without_a_source():
    found = with_dc(magnitudes()).numpy()
    np.testing.assert_allclose(found[:, 0], 0.5 * found[:, 1])


def test_the_fine_structure_of_a_source_is_used():
    true = magnitudes()
    envelope = np.linspace(3.0, 0.3, 257, dtype=np.float32)
    mel = magnitude_to_mel(SPEC, true * envelope).numpy()
    without, with_source = mel_to_magnitude(SPEC, mel), mel_to_magnitude(SPEC, mel, start=true)
    error = [np.linalg.norm(x.numpy() - true * envelope) for x in (without, with_source)]
    assert error[1] < 0.5 * error[0]


@pytest.mark.parametrize("start", [None, np.zeros((1, 3, 257), np.float32)])
def test_silence_stays_silent_and_finite(start):
    found = mel_to_magnitude(SPEC, tf.zeros([1, 3, 64]), start=start).numpy()
    assert np.isfinite(found).all()
    assert np.abs(found).max() < 1e-4


def test_a_silent_source_does_not_mute():
    mel = magnitude_to_mel(SPEC, magnitudes()).numpy()
    found = mel_to_magnitude(SPEC, mel, start=np.zeros((20, 257), np.float32)).numpy()
    assert np.linalg.norm(magnitude_to_mel(SPEC, found) - mel) / np.linalg.norm(mel) < 0.2
