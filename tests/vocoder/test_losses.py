import librosa
import numpy as np
import pytest
import tensorflow as tf

from tests.vocoder import tiny
from vocoder import losses
from vocoder.discriminators import build_discriminator

ONE, OTHER = (np.stack([tiny.song(3000, seed + k) for k in range(2)]) for seed in (0, 5))


def spectra(waveform: np.ndarray, n_fft: int) -> np.ndarray:
    frames = librosa.stft(waveform, n_fft=n_fft, hop_length=n_fft // 4, center=False)
    return np.sqrt(np.abs(frames) ** 2 + losses.FLOOR**2)


def test_multi_stft_is_the_paper_s():
    convergence, difference = losses.multi_stft(tf.constant(ONE), tf.constant(OTHER), (256, 128))
    pairs = [(spectra(ONE, n_fft), spectra(OTHER, n_fft)) for n_fft in (256, 128)]
    wanted = np.mean(
        [np.linalg.norm(x - y) / np.linalg.norm(x) for a, b in pairs for x, y in zip(a, b, strict=True)]
    )
    assert float(convergence) == pytest.approx(wanted, rel=1e-3)
    wanted = np.mean([np.abs(np.log(a) - np.log(b)).mean() for a, b in pairs])
    assert float(difference) == pytest.approx(wanted, rel=1e-3)


def test_the_error_of_a_silent_clip_is_relative_to_a_quiet_one():
    noise = np.random.default_rng(0).normal(size=[1, 8000]).astype(np.float32)
    silent = tf.zeros([1, 8000])
    for n_fft in (256, 1024):
        convergence, _ = losses.multi_stft(silent, tf.constant(0.05 * noise), (n_fft,))
        assert float(convergence) == pytest.approx(0.05 / losses.QUIET, rel=0.05)
        convergence, _ = losses.multi_stft(silent, tf.constant(losses.QUIET * noise), (n_fft,))
        assert float(convergence) == pytest.approx(1, rel=0.3)  # the floor under magnitudes takes a part


def test_mel_error_is_librosa_s():
    spec = tiny.SPEC
    filters = librosa.filters.mel(
        sr=spec.sample_rate, n_fft=spec.n_fft, n_mels=spec.n_mels, fmin=spec.fmin, fmax=spec.fmax
    )
    mels = [
        filters @ np.abs(librosa.stft(x, n_fft=spec.n_fft, hop_length=spec.hop_length, center=False))
        for x in (ONE, OTHER)
    ]
    nepers = np.abs(np.subtract(*(np.log(np.maximum(mel, spec.floor)) for mel in mels))).mean()
    found = losses.mel_error(spec, tf.constant(ONE), tf.constant(OTHER))
    assert float(found) == pytest.approx(nepers * 2 / np.log(spec.ceiling / spec.floor), rel=1e-3)


def test_equal_sounds_have_no_distance_and_silence_has_gradients():
    silent = tf.zeros([1, 1000])
    with tf.GradientTape() as tape:
        tape.watch(silent)
        distances = losses.multi_stft(silent, silent, (256,))
    assert [float(distance) for distance in distances] == pytest.approx([0, 0], abs=1e-3)
    assert np.isfinite(tape.gradient(distances, silent)).all()


def test_feature_matching_is_the_mean_distance_and_does_not_move_the_truth():
    truth, made = (
        [tf.constant([1.0, 2.0]), tf.constant([[3.0]])],
        [tf.constant([2.0, 0.0]), tf.constant([[7.0]])],
    )
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([*truth, *made])
        loss = losses.feature_matching(truth, made)
    assert float(loss) == (1.5 + 4.0) / 2
    assert tape.gradient(loss, truth) == [None, None]


def test_discriminators_take_spectra_and_periods():
    discriminators = build_discriminator((256, 128), (2, 3), 2, ONE.shape[1])
    outputs = discriminators(tf.constant(ONE))
    assert len(outputs) == 4
    assert all(len(each) == 5 and each[-1].shape[-1] == 1 for each in outputs)
    # A discriminator of every third sample does not see how the three are interleaved before its features.
    assert outputs[3][0].shape[2] == 3
