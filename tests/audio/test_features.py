import librosa
import numpy as np
import tensorflow as tf

from pipelines.audio.features import log_mel, stft_to_log_mel
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft

SPEC = AudioSpec()


def music(samples: int) -> np.ndarray:
    """A decaying chord over faint noise, with silence at the end: [1, samples]."""
    time = np.arange(samples) / SPEC.sample_rate
    chord = sum(np.sin(2 * np.pi * f * time) * np.exp(-2 * time) for f in (220, 277.2, 329.6, 2637))
    sound = 0.2 * chord + 1e-3 * np.random.default_rng(0).standard_normal(samples)
    sound[-samples // 4 :] = 0
    return sound[None].astype(np.float32)


def expected(sound: np.ndarray, center: bool) -> np.ndarray:
    mel = librosa.feature.melspectrogram(
        y=sound[0],
        sr=SPEC.sample_rate,
        n_fft=SPEC.n_fft,
        hop_length=SPEC.hop_length,
        n_mels=SPEC.n_mels,
        fmin=SPEC.fmin,
        fmax=SPEC.fmax,
        power=1,
        center=center,
        pad_mode="constant",
        norm="slaney",
        htk=False,
    )
    db = 20 * np.log10(np.maximum(mel.T, SPEC.floor))
    return ((db + 80) / (20 * np.log10(SPEC.ceiling) + 80) * 2 - 1)[None, ..., None]


def test_equal_to_librosa():
    sound = music(30000)
    for center in (True, False):
        np.testing.assert_allclose(log_mel(SPEC, sound, center=center), expected(sound, center), atol=1e-4)


def test_the_same_inside_tf_data_with_unknown_length():
    sounds = [music(20000), music(9000)]
    signature = tf.TensorSpec([None, None], tf.float32)
    dataset = tf.data.Dataset.from_generator(lambda: iter(sounds), output_signature=signature)
    for sound, result in zip(sounds, dataset.map(lambda x: log_mel(SPEC, x)), strict=True):
        assert result.shape == (1, SPEC.frames(sound.shape[1]), SPEC.n_mels, 1)
        np.testing.assert_allclose(result, expected(sound, True), atol=1e-4)


def test_a_full_scale_sine_reaches_the_ceiling_and_no_more():
    time = np.arange(20000) / SPEC.sample_rate
    sines = np.sin(2 * np.pi * np.array([[1500.0], [440.0], [60.0]]) * time).astype(np.float32)
    loudest = log_mel(SPEC, sines).numpy().max()
    assert 0.7 < loudest <= 1.0


def test_from_the_stft():
    sound = music(9000)
    np.testing.assert_array_equal(stft_to_log_mel(SPEC, stft(SPEC, sound)), log_mel(SPEC, sound))
