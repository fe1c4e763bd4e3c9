import dataclasses

import numpy as np
import tensorflow as tf

from tests.vocoder import tiny
from vocoder.augmentation import simulated_source, simulated_translation
from vocoder.config import SourceConfig

SPEC, SAMPLES = tiny.SPEC, tiny.SPEC.span(60)
NOTHING = SourceConfig(
    envelope=0, equalizer=0, delay=0, scatter=0, smear=0, drive=0, noise=0, blur=0, mel_noise=0
)
USUAL = SourceConfig()


def seeds(step: int = 0):
    return iter(tf.unstack(tf.random.split(tf.constant([1, step]), 16)))


def tone(hertz: float) -> np.ndarray:
    time = np.arange(SAMPLES) / SPEC.sample_rate
    return (0.2 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)[None]


def alter(band: np.ndarray, config: SourceConfig = USUAL, step: int = 0) -> np.ndarray:
    other = tiny.song(SAMPLES, 9)[None].repeat(len(band), 0)
    return simulated_source(SPEC, tf.constant(band), tf.constant(other), config, seeds(step)).numpy()


def test_pitch_stays():
    for step, hertz in enumerate((250.0, 437.0, 1500.0)):
        sound = alter(tone(hertz), dataclasses.replace(USUAL, scatter=0), step)[0]
        found = np.abs(np.fft.rfft(sound * np.hanning(SAMPLES))).argmax()
        assert abs(found * SPEC.sample_rate / SAMPLES - hertz) < 2 * SPEC.sample_rate / SAMPLES


def test_above_a_cutoff_nothing_of_the_band_is_left():
    band, only = tiny.song(SAMPLES)[None], dataclasses.replace(NOTHING, scatter=0.1)
    plain, scattered = (np.fft.rfft(alter(band, config)[0]) for config in (NOTHING, only))
    low, high = slice(10, SAMPLES // 60), slice(-SAMPLES // 8, -10)
    for part, least, most in ((low, 0.9, 1.0), (high, -0.1, 0.3)):
        a, b = plain[part], scattered[part]
        likeness = np.abs(np.vdot(a, b)) / np.linalg.norm(a) / np.linalg.norm(b)
        assert least < likeness < most


def test_without_any_change_the_recording_comes_back():
    band = tiny.song(SAMPLES)[None]
    inner = slice(SPEC.n_fft, -SPEC.n_fft)
    found, wanted = alter(band, NOTHING)[:, inner], band[:, inner]
    # What is left is the least drive.
    assert np.linalg.norm(found - wanted) < 0.02 * np.linalg.norm(wanted)


def test_it_changes_spectra_and_phases_and_repeats_with_its_seed():
    band = tiny.song(SAMPLES)[None]
    one, same, other = alter(band), alter(band), alter(band, step=1)
    np.testing.assert_array_equal(one, same)
    assert np.linalg.norm(one - other) > 0.1 * np.linalg.norm(one)
    for name in ("envelope", "equalizer", "delay", "scatter", "smear", "drive", "noise"):
        only = dataclasses.replace(NOTHING, **{name: getattr(SourceConfig(), name)})
        assert np.abs(alter(band, only) - alter(band, NOTHING)).max() > 1e-4, name


def test_silence_stays_finite():
    assert np.isfinite(alter(np.zeros((2, SAMPLES), np.float32))).all()


def test_log_mels_are_smoothed_and_stay_in_range():
    mel = tf.constant(np.random.default_rng(0).uniform(-1, 1, (3, 20, SPEC.n_mels, 1)), tf.float32)
    smooth = simulated_translation(mel, dataclasses.replace(NOTHING, blur=1.0), seeds()).numpy()
    wanted = mel.numpy()[:, 4:7, 7:10].mean(axis=(1, 2))
    np.testing.assert_allclose(smooth[:, 5, 8], wanted, atol=1e-5)
    np.testing.assert_allclose(simulated_translation(mel, NOTHING, seeds()), mel)
    assert simulated_translation(mel, SourceConfig(mel_noise=0.5), seeds()).numpy().min() >= -1
