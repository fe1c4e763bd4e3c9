import numpy as np
import pytest

from pipelines.audio.spec import AudioSpec
from pipelines.audio.stereo import match_stereo_width, mono_magnitude, panning
from pipelines.audio.stereo_image import PANNING_REACH, WIDTH_REACH
from pipelines.audio.stft import stft

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=40, fmax=8000.0)


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def spectra(*channels: np.ndarray) -> np.ndarray:
    return stft(SPEC, np.stack(channels)).numpy()


def test_mono_has_gains_of_one():
    sound = noise(4000)
    for channels in ([sound], [sound, sound], [sound, -sound]):
        np.testing.assert_allclose(panning(SPEC, spectra(*channels)), 1.0, rtol=1e-4)


def test_mean_square_over_channels_is_one():
    gains = panning(SPEC, spectra(noise(4000), 0.1 * noise(4000, seed=1))).numpy()
    np.testing.assert_allclose((gains**2).mean(axis=0), 1.0, rtol=1e-5)
    assert np.median(gains[0]) > 1.3 > 0.3 > np.median(gains[1])


def test_hard_panned_material_is_preserved():
    source = spectra(noise(4000), np.zeros(4000, np.float32))
    image = panning(SPEC, source).numpy() * mono_magnitude(source).numpy()
    np.testing.assert_allclose(image, np.abs(source), atol=2e-3)


def test_instruments_apart_in_frequency_keep_their_panning():
    time = np.arange(8000) / 16000
    low, high = np.sin(2 * np.pi * 500 * time), np.sin(2 * np.pi * 4000 * time)
    left, right = (0.9 * low + 0.1 * high), (0.1 * low + 0.9 * high)
    gains = panning(SPEC, spectra(left.astype(np.float32), right.astype(np.float32))).numpy()
    ratio = 20 * np.log10(gains[0, 30] / gains[1, 30])
    assert ratio[16] == pytest.approx(19.1, abs=0.1)
    assert ratio[128] == pytest.approx(-19.1, abs=0.1)


def test_out_of_phase_material_does_not_cancel():
    sound = noise(4000)
    np.testing.assert_allclose(
        mono_magnitude(spectra(sound, -sound)), np.abs(spectra(sound))[0], rtol=1e-4, atol=1e-5
    )


def test_silence_is_well_defined():
    source = spectra(np.zeros(2000, np.float32), np.zeros(2000, np.float32))
    np.testing.assert_array_equal(panning(SPEC, source), np.ones_like(source, np.float32))
    np.testing.assert_array_equal(mono_magnitude(source), 0.0)


def test_panning_depends_on_a_bounded_context():
    source = spectra(noise(6000), noise(6000, seed=1))
    near = panning(SPEC, source[:, 10 - PANNING_REACH : 20 + PANNING_REACH])
    kept = slice(PANNING_REACH, -PANNING_REACH)
    np.testing.assert_allclose(panning(SPEC, source)[:, 10:20], near[:, kept], rtol=1e-5)
    assert np.abs(panning(SPEC, source)[:, 10:20] - panning(SPEC, source[:, 10:20])).max() > 0.1


def test_panning_of_diffuse_sound_is_steady():
    source = spectra(noise(60_000), noise(60_000, seed=1))
    decibels = 20 * np.log10(panning(SPEC, source)[0])
    energies = np.abs(source) ** 2
    ratio = energies / energies.mean(axis=0)
    of_frames = 10 * np.log10(np.apply_along_axis(np.convolve, 2, ratio, np.full(5, 0.2), "same")[0])
    assert decibels.std(axis=0).mean() < 0.75 * of_frames.std(axis=0).mean()


def test_strokes_that_alternate_between_channels_stay_apart():
    time = np.arange(2000) / 16000
    stroke = np.sin(2 * np.pi * 500 * time) * np.exp(-time / 0.04)
    left, right = np.tile([1, 0], 8), np.tile([0, 1], 8)
    source = spectra(*(np.kron(gains, stroke).astype(np.float32) for gains in (left, right)))
    image = panning(SPEC, source).numpy() * mono_magnitude(source).numpy()
    leak = np.maximum(image - np.abs(source), 0)
    assert (leak**2).sum() < 10**-1.5 * (np.abs(source) ** 2).sum()


def widened(mid: np.ndarray, side: np.ndarray, width: float) -> np.ndarray:
    return np.stack([mid + width * side, mid - width * side])


def test_width_matches_the_source():
    mid, side = noise(30_000), 0.3 * noise(30_000, seed=1)
    wanted, present = widened(mid, side, 1.0), widened(mid, side, 1.7)
    np.testing.assert_allclose(match_stereo_width(wanted, present, SPEC.hop_length), wanted, atol=1e-2)


def test_width_of_mono_one_sided_and_out_of_phase_material_is_unchanged():
    sound, other = noise(9000), 0.2 * noise(9000, seed=1)
    for gains in ([1], [1, 1], [1, 0], [1, -1]):
        source, cover = (np.outer(np.float32(gains), each) for each in (sound, other))
        np.testing.assert_allclose(match_stereo_width(source, cover, SPEC.hop_length), cover, atol=1e-4)


def test_width_depends_on_a_bounded_context():
    hop, first = SPEC.hop_length, WIDTH_REACH + 50
    source, cover = (noise(2, (2 * first + 50) * hop, seed=seed) for seed in range(2))
    whole = match_stereo_width(source, cover, hop)[:, first * hop : (first + 50) * hop]
    near = slice((first - WIDTH_REACH) * hop, (first + 50 + WIDTH_REACH) * hop)
    part = match_stereo_width(source[:, near], cover[:, near], hop)
    np.testing.assert_allclose(part[:, WIDTH_REACH * hop : (WIDTH_REACH + 50) * hop], whole, atol=1e-6)


@pytest.mark.parametrize("samples", [0, 1, 200])
def test_width_of_very_short_waveforms(samples: int):
    assert match_stereo_width(noise(2, samples), noise(2, samples), SPEC.hop_length).shape == (2, samples)
