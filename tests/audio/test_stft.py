import librosa
import numpy as np
import pytest
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import istft, stft

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=40, fmax=8000.0)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("samples", [512, 1000, 1024, 1151])
def test_centred_stft_equals_librosa(samples):
    sound = noise(2, samples)
    expected = librosa.stft(sound, n_fft=512, hop_length=128, pad_mode="constant").transpose(0, 2, 1)
    np.testing.assert_allclose(stft(SPEC, sound), expected, atol=2e-5)
    assert expected.shape[1] == SPEC.frames(samples)


def test_uncentred_stft_equals_librosa():
    sound = noise(1000)
    expected = librosa.stft(sound, n_fft=512, hop_length=128, center=False).T
    np.testing.assert_allclose(stft(SPEC, sound, center=False), expected, atol=2e-5)
    assert stft(SPEC, noise(SPEC.span(7)), center=False).shape == (7, 257)


@pytest.mark.parametrize("samples", [1, 300, 512, 1000, 4096 + 127])
@pytest.mark.parametrize("hop", [128, 100, 256])
def test_istft_inverts_exactly_edges_included(samples, hop):
    spec = AudioSpec(sample_rate=16000, n_fft=512, hop_length=hop, n_mels=40, fmax=8000.0)
    sound = noise(2, samples)
    np.testing.assert_allclose(istft(spec, stft(spec, sound), samples), sound, atol=1e-5)


def test_istft_is_the_least_squares_solution():
    """Of spectra that belong to no waveform: solved by lstsq on the transform's own matrix."""
    spec = AudioSpec(sample_rate=16000, n_fft=16, hop_length=4, n_mels=4, fmax=8000.0)
    spectra = noise(6, 9) + 1j * noise(6, 9)
    spectra[:, [0, -1]] = spectra[:, [0, -1]].real
    two_sided = np.fft.irfft(spectra, 16)
    forward = np.fft.irfft(stft(spec, np.eye(20, dtype=np.float32)).numpy(), 16).reshape(20, -1).T
    expected = np.linalg.lstsq(forward, two_sided.ravel(), rcond=None)[0]
    np.testing.assert_allclose(istft(spec, spectra.astype(np.complex64), 20), expected, atol=1e-5)


def test_length_defaults_to_the_centres_and_longer_is_silence():
    spectra = stft(SPEC, noise(1000))
    assert istft(SPEC, spectra).shape == (SPEC.samples(8),)
    assert istft(SPEC, spectra, 5000).shape == (5000,)
    np.testing.assert_array_equal(istft(SPEC, spectra, 5000)[2000:], 0.0)


def test_dynamic_lengths_in_a_function_and_in_tf_data():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def round_trip(sound):
        return istft(SPEC, stft(SPEC, sound), tf.shape(sound)[0])

    sounds = [noise(600), noise(1300)]
    dataset = tf.data.Dataset.from_generator(
        lambda: iter(sounds), output_signature=tf.TensorSpec([None], tf.float32)
    ).map(round_trip)
    for sound, result in zip(sounds, dataset, strict=True):
        np.testing.assert_allclose(result, sound, atol=1e-5)
