import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from cyclegan.config import CorruptionConfig, DiffAugmentConfig
from cyclegan.corruption import augmented, corrupt

SEED = tf.constant([1, 2])
NOTHING = CorruptionConfig(envelope=0.0, low_pass=0.0, gain=0.0, equalizer=0.0, noise=0.0)
UNTOUCHED = DiffAugmentConfig(gain=0.0, shift=0.0, cut=0.0)


def clips(seed=1, low=-0.9, high=0.3):
    shape = (4, 24, 16, 1)
    return tf.constant(np.random.default_rng(seed).uniform(low, high, shape), tf.float32)


def test_without_alterations_a_clip_stays_as_it_is():
    np.testing.assert_allclose(corrupt(clips(), None, NOTHING, SEED), clips(), atol=1e-6)
    np.testing.assert_array_equal(augmented(clips(), UNTOUCHED, SEED), clips())


def test_a_corrupted_clip_has_the_other_s_spectrum_and_its_own_notes():
    x, other = clips(), clips(2, -0.6, -0.2)
    y = corrupt(x, other, NOTHING, SEED).numpy()
    np.testing.assert_allclose(y.mean(axis=1), other.numpy().mean(axis=1), atol=1e-5)
    notes = [np.corrcoef(x[b, :, m, 0], y[b, :, m, 0])[0, 1] for b, m in np.ndindex(4, 16)]
    assert min(notes) > 0.999


def test_some_clips_get_the_other_s_envelope_frame_by_frame():
    config = dataclasses.replace(NOTHING, envelope=1.0, envelope_width=5)
    x, other = clips(), clips(2, -0.6, -0.2)
    y = corrupt(x, other, config, SEED).numpy()
    flat = corrupt(tf.zeros_like(x), other, config, SEED).numpy()  # no partials at all: the envelope alone
    partials = y - flat
    frame = other.numpy()[0, 0, :, 0]
    np.testing.assert_allclose(flat[0, 0, 2, 0], frame[:5].mean() - frame.mean(), atol=1e-6)
    assert np.corrcoef(partials[0].ravel(), x[0].numpy().ravel())[0, 1] > 0.7


@pytest.mark.parametrize("name", ["low_pass", "gain", "equalizer", "noise"])
def test_each_alteration_does_something(name):
    config = dataclasses.replace(NOTHING, **{name: 1.0 if name == "low_pass" else 0.1})
    assert np.abs(corrupt(clips(), None, config, SEED) - clips()).max() > 0.05


def test_nothing_falls_below_silence():
    loud = dataclasses.replace(NOTHING, noise=1.0)
    assert corrupt(clips(), None, loud, SEED).numpy().min() == -1


@pytest.mark.parametrize("name", ["gain", "shift", "cut"])
def test_each_augmentation_does_something_and_is_drawn_from_the_seed(name):
    config = dataclasses.replace(UNTOUCHED, **{name: 0.25})
    shown, same, other = (augmented(clips(), config, seed).numpy() for seed in (SEED, SEED, SEED + 1))
    np.testing.assert_array_equal(shown, same)
    assert np.abs(shown - clips()).max() > 0.01
    assert np.abs(shown - other).max() > 0.01


def test_inside_a_graph_they_are_the_same():
    config, diff_augment = CorruptionConfig(), DiffAugmentConfig()
    graph = tf.function(lambda x, y: (corrupt(x, y, config, SEED), augmented(x, diff_augment, SEED)))
    x, y = clips(), clips(2)
    eager = corrupt(x, y, config, SEED), augmented(x, diff_augment, SEED)
    for ours, theirs in zip(graph(x, y), eager, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
