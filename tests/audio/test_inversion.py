import librosa
import numpy as np
import pytest
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.inversion import GriffinLim, random_phase, unit_phase
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft
from tools.benchmarks.inversion_methods import LIBROSA_SEED

SPEC = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=80, fmax=8000.0)


def music(samples: int = 12000, brightness: float = 1.0) -> np.ndarray:
    """Two decaying notes of ten harmonics: [1, samples]."""
    time = np.arange(samples) / SPEC.sample_rate
    sound = np.zeros(samples)
    for start, pitch in ((0.0, 220.0), (0.3, 330.0)):
        since = np.maximum(time - start, 0)
        for k in range(1, 11):
            sound += (
                np.sin(2 * np.pi * k * pitch * since) * np.exp(-4 * since) * k**-brightness * (time >= start)
            )
    return (0.1 * sound)[None].astype(np.float32)


def convergence(sound: np.ndarray, estimate: np.ndarray) -> float:
    a, b = (np.abs(stft(SPEC, x).numpy()) for x in (sound, estimate))
    return float(np.linalg.norm(a - b) / np.linalg.norm(a))


def test_mel_and_stft_of_a_waveform_are_inverted_exactly():
    sound = music()
    back = GriffinLim(SPEC, 0)(log_mel(SPEC, sound), source_stft=stft(SPEC, sound), length=12000).numpy()
    assert np.linalg.norm(back - sound) / np.linalg.norm(sound) < 0.05


def test_iterations_help_from_random_phase():
    sound = music()
    errors = [
        convergence(sound, GriffinLim(SPEC, iterations)(log_mel(SPEC, sound), length=12000).numpy())
        for iterations in (0, 4, 32)
    ]
    assert errors[0] > errors[1] > errors[2]


@pytest.mark.slow
def test_no_worse_than_librosa():
    sound = music()
    magnitude = np.abs(stft(SPEC, sound).numpy())
    peer = librosa.griffinlim(
        magnitude[0].T,
        n_iter=32,
        hop_length=128,
        n_fft=512,
        length=12000,
        pad_mode="constant",
        **LIBROSA_SEED,
    )
    phase = random_phase(tf.shape(magnitude), 0)
    ours = GriffinLim(SPEC, 32).from_magnitude(tf.constant(magnitude), phase, 12000).numpy()
    assert convergence(sound, ours) <= 1.1 * convergence(sound, peer[None])


def test_a_sources_phase_beats_many_iterations():
    source, target = music(brightness=1.5), music(brightness=0.7)
    wanted = log_mel(SPEC, target)
    ours = GriffinLim(SPEC, 0)(wanted, source_stft=stft(SPEC, source), length=12000).numpy()
    blind = GriffinLim(SPEC, 32)(wanted, length=12000).numpy()
    assert convergence(target, ours) < convergence(target, blind)


def test_batched_equals_one_by_one():
    sounds = np.concatenate([music(), music(brightness=0.5)])
    inverter = GriffinLim(SPEC, 3)
    together = inverter(log_mel(SPEC, sounds), source_stft=stft(SPEC, sounds)).numpy()
    apart = [inverter(log_mel(SPEC, x[None]), source_stft=stft(SPEC, x[None])).numpy()[0] for x in sounds]
    np.testing.assert_allclose(together, np.stack(apart), atol=2e-4)


def test_deterministic_for_a_seed():
    wanted = log_mel(SPEC, music(3000))
    one, same, other = (GriffinLim(SPEC, 1)(wanted, seed=seed).numpy() for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3


@pytest.mark.parametrize("with_source", [False, True])
def test_dynamic_frames_in_a_function(with_source):
    inverter = GriffinLim(SPEC, 2)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None, 80, 1], tf.float32),
            tf.TensorSpec([None, None, 257], tf.complex64),
        ]
    )
    def invert(wanted, source):
        return inverter(wanted, source_stft=source if with_source else None)

    for samples in (2000, 5000):
        sound = music(samples)
        result = invert(log_mel(SPEC, sound), stft(SPEC, sound))
        assert result.shape == (1, SPEC.samples(SPEC.frames(samples)))
        source = stft(SPEC, sound) if with_source else None
        np.testing.assert_allclose(result, inverter(log_mel(SPEC, sound), source_stft=source), atol=1e-3)


def test_silence_is_silent():
    silence = np.zeros((1, 3000), np.float32)
    for source in (None, stft(SPEC, silence)):
        sound = GriffinLim(SPEC, 2)(log_mel(SPEC, silence), source_stft=source).numpy()
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() < 1e-3


def test_unit_phase():
    numbers = tf.constant([3 + 4j, -1e-4j, 0], tf.complex64)
    np.testing.assert_allclose(unit_phase(numbers), [0.6 + 0.8j, -1j, 0], atol=1e-6)
