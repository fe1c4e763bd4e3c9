"""Every function on arrays equals the one on tensors."""

import numpy as np
import pytest
import tensorflow as tf

from pipelines.audio import features, mel, stereo
from pipelines.audio import stft as tensor_stft
from pipelines.audio.arrays import inversion
from pipelines.audio.arrays import mel as array_mel
from pipelines.audio.arrays import stereo as array_stereo
from pipelines.audio.arrays import stft as array_stft
from pipelines.audio.arrays.stereo_width import with_stereo_width
from pipelines.audio.inversion import GriffinLim
from pipelines.audio.scaling import unscale
from pipelines.audio.spec import AudioSpec

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=64, fmax=8000.0)
UNEVEN = AudioSpec(sample_rate=16000, n_fft=512, hop_length=200, n_mels=40, fmin=100.0, fmax=7000.0)


def song(channels: int = 2, samples: int = 16000) -> np.ndarray:
    """Tones over noise, different in the channels, [channels, samples]; silent at the end."""
    rng = np.random.default_rng(4)
    time = np.arange(samples) / SPEC.sample_rate
    tones = [np.sin(2 * np.pi * hz * time) * (time * rate % 1) for hz, rate in ((220, 3), (1330, 5))]
    mix = 0.2 * np.stack([tones[0] + 0.2 * tones[1], 0.1 * tones[0] + tones[1]])[:channels]
    mix = mix + 0.01 * rng.standard_normal(mix.shape)
    mix[:, -samples // 10 :] = 0
    return mix.astype(np.float32)


def spectra(spec: AudioSpec, channels: int = 2) -> np.ndarray:
    return tensor_stft.stft(spec, song(channels)).numpy()


@pytest.mark.parametrize("spec", [SPEC, UNEVEN])
def test_stft_and_its_inverse(spec: AudioSpec):
    expected = tensor_stft.stft(spec, song(), center=False)
    found = array_stft.stft(spec, song())
    assert found.dtype == np.complex64
    np.testing.assert_allclose(found, expected, atol=1e-4)
    for length in (16000, 15000, 17000):
        inverted = array_stft.istft(spec, spectra(spec), length)
        assert inverted.dtype == np.float32
        np.testing.assert_allclose(inverted, tensor_stft.istft(spec, spectra(spec), length), atol=1e-6)


@pytest.mark.parametrize("spec", [SPEC, UNEVEN])
def test_log_mels(spec: AudioSpec):
    magnitudes = np.abs(spectra(spec))
    found = array_mel.magnitude_to_log_mel(spec, magnitudes)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, features.magnitude_to_log_mel(spec, magnitudes), atol=1e-5)


@pytest.mark.parametrize("spec", [SPEC, UNEVEN])
def test_magnitudes_of_log_mels(spec: AudioSpec):
    magnitudes = np.abs(spectra(spec)[0])
    log_mel = array_mel.magnitude_to_log_mel(spec, magnitudes[None, ::-1])[0, ..., 0]
    found = array_mel.log_mel_to_magnitude(spec, log_mel, magnitudes)
    assert found.dtype == np.float32
    expected = mel.mel_to_magnitude(spec, unscale(tf.math, spec, log_mel), start=magnitudes)
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=1e-4)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_stereo_image(channels: int):
    source = spectra(SPEC, channels)
    mono = stereo.mono_magnitude(source)
    np.testing.assert_allclose(array_stereo.mono_magnitude(source), mono, rtol=1e-5, atol=1e-7)
    expected = stereo.panning(SPEC, source)
    found = np.broadcast_to(array_stereo.panning(array_stereo.energy(source)), expected.shape)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("samples", [80000, 15999, 50])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_stereo_width_in_blocks_of_any_size(channels: int, samples: int):
    source = song(2, 80000)[:channels, :samples]
    translated = song(2, 80000)[::-1][:channels, :samples] ** 3
    expected = stereo.match_stereo_width(source, translated, SPEC.hop_length)
    for size in (samples, 12_345, 100):
        starts = range(0, samples, size)
        pairs = [(source.T[start : start + size], translated.T[start : start + size]) for start in starts]
        found = np.concatenate(list(with_stereo_width(pairs, SPEC.hop_length)))
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.T, expected, atol=2e-6)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("channels", [1, 2])
def test_inversion(channels: int, strength: float):
    source = spectra(SPEC, channels)
    other = np.abs(source[:1, ::-1]) ** 1.2
    log_mel = array_mel.magnitude_to_log_mel(SPEC, other)
    found = inversion.SourcePhase(SPEC).channels(log_mel, source, 15990, strength)
    expected = GriffinLim(SPEC).channels(log_mel, source, 15990, strength)
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert inversion.SourcePhase(SPEC).reach == GriffinLim(SPEC).reach
