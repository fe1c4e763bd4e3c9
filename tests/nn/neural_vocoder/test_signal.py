import numpy as np
import pytest
import tensorflow as tf

from pipelines.audio.features import stft_to_log_mel
from pipelines.audio.inversion import unit_phase
from pipelines.audio.mel import mel_to_magnitude
from pipelines.audio.scaling import unscale
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft
from pipelines.nn.neural_vocoder import signal

SPEC = AudioSpec(sample_rate=16000, n_fft=256, hop_length=64, n_mels=32, fmax=8000.0)
LOW = 40


def spectra(hertz: float = 437.0, start: float = 0.0) -> tf.Tensor:
    time = np.arange(6000) / SPEC.sample_rate
    noise = 0.01 * np.random.default_rng(0).normal(size=6000)
    return stft(SPEC, tf.constant((np.sin(2 * np.pi * hertz * time + start) + noise)[None], tf.float32))


def start(source: tf.Tensor) -> tuple[tf.Tensor, signal.Start]:
    log_mel = stft_to_log_mel(SPEC, source)
    return log_mel, signal.sourced_start(SPEC, log_mel, source)


def test_a_source_of_the_same_log_mel_is_its_own_start():
    source = spectra()
    _, begun = start(source)
    error = np.abs(begun.magnitude - np.abs(source)).sum() / np.abs(source).sum()
    assert error < 3e-3
    np.testing.assert_allclose(begun.phase, unit_phase(source), atol=1e-6)
    np.testing.assert_array_equal(begun.sourced, [1.0])


def test_zero_corrects_nothing():
    _, begun = start(spectra())
    width = signal.correction_width(SPEC, LOW)
    magnitude, phase = signal.corrected(begun, tf.zeros((*begun.magnitude.shape[:2], width)))
    np.testing.assert_allclose(magnitude, begun.magnitude, rtol=1e-6)
    np.testing.assert_allclose(phase, begun.phase, atol=1e-6)


def test_a_correction_is_nepers_and_an_angle_of_the_low_bins():
    _, begun = start(spectra())
    shape = (*begun.magnitude.shape[:2], 1)
    angle = 0.7
    parts = [np.full(shape, 0.1), np.full(shape, np.cos(angle) - 1), np.full(shape, np.sin(angle))]
    widths = (SPEC.n_bins, LOW, LOW)
    correction = np.concatenate([np.repeat(x, n, -1) for x, n in zip(parts, widths, strict=True)], -1)
    magnitude, phase = signal.corrected(begun, tf.constant(correction, tf.float32))
    np.testing.assert_allclose(magnitude, begun.magnitude * np.exp(0.1), rtol=1e-3)
    np.testing.assert_allclose(phase[..., :LOW], begun.phase[..., :LOW] * np.exp(1j * angle), atol=1e-5)
    np.testing.assert_array_equal(phase[..., LOW:], begun.phase[..., LOW:])
    huge = tf.fill(correction.shape, 1e6)
    assert np.isfinite(signal.corrected(begun, huge)[0]).all()


def test_features_tell_a_phase_s_advance_and_not_the_phase():
    hertz = 437.0
    seen = []
    for first in (0.0, 2.0):
        log_mel, begun = start(spectra(hertz, first))
        seen.append(signal.features(log_mel, begun, LOW).numpy())
        assert seen[-1].shape[-1] == signal.feature_width(SPEC, LOW)
    levels = SPEC.n_mels + SPEC.n_bins
    peak = levels + round(hertz * SPEC.n_fft / SPEC.sample_rate)
    cosine, sine = seen[0][0, 10:80, peak], seen[0][0, 10:80, peak + LOW]
    wanted = 2 * np.pi * hertz * SPEC.hop_length / SPEC.sample_rate
    np.testing.assert_allclose(cosine, np.cos(wanted), atol=0.05)
    np.testing.assert_allclose(sine, np.sin(wanted), atol=0.05)
    np.testing.assert_allclose(seen[1][0, 10:80, peak], cosine, atol=0.05)
    np.testing.assert_array_equal(seen[0][..., -1], 1)


def test_a_blind_start_has_the_prior_s_magnitudes_and_says_so():
    log_mel = stft_to_log_mel(SPEC, spectra())
    begun = signal.blind_start(SPEC, log_mel, 3)
    wanted = mel_to_magnitude(
        SPEC, unscale(tf.math, SPEC, log_mel[..., 0]), iterations=signal.PRIOR_ITERATIONS
    )
    np.testing.assert_allclose(begun.magnitude, wanted, rtol=1e-5)
    np.testing.assert_array_equal(begun.sourced, [0.0])
    np.testing.assert_array_equal(begun.phase, signal.blind_start(SPEC, log_mel, 3).phase)
    assert np.abs(begun.phase - signal.blind_start(SPEC, log_mel, 4).phase).max() > 0.1


@pytest.mark.parametrize("unsourced", [0, 1, 3])
def test_a_batch_is_partly_sourced(unsourced):
    source = tf.repeat(spectra(), 3, axis=0)
    log_mel = stft_to_log_mel(SPEC, source)
    begun = signal.partly_sourced(SPEC, log_mel, source, unsourced, 0)
    assert begun.magnitude.shape == source.shape
    np.testing.assert_array_equal(begun.sourced, [0.0] * unsourced + [1.0] * (3 - unsourced))
    np.testing.assert_allclose(begun.phase[unsourced:], unit_phase(source[unsourced:]), atol=1e-6)
