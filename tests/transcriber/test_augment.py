import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.transcriber.scenes import SPEC
from transcriber.augment import LABELS, augmented
from transcriber.config import AugmentConfig

NOTHING = AugmentConfig(gain=0.0, equalizer=0.0, noise=0.0, mix=0.0)
CLIPS, FRAMES = 64, 6


def batch():
    chance = np.random.default_rng(0)
    mels = chance.uniform(-0.7, 0.5, (CLIPS, FRAMES, SPEC.n_mels, 1)).astype(np.float32)
    labels = {name: (chance.random((CLIPS, FRAMES, 5)) < 0.3).astype(np.float32) for name in LABELS}
    return {"log_mel": tf.constant(mels), **{name: tf.constant(each) for name, each in labels.items()}}


def alter(seed=1, **fields):
    config = dataclasses.replace(NOTHING, **fields)
    return augmented(SPEC, batch(), config, iter(tf.constant([[seed, i] for i in range(4)])))


def mixed(mels):
    """Each clip with the one before it: in magnitudes, whose squares are energies."""
    ratio = SPEC.ceiling / SPEC.floor
    magnitude = SPEC.floor * ratio ** ((mels.astype(np.float64) + 1) / 2)
    both = np.sqrt(magnitude**2 + np.roll(magnitude, 1, axis=0) ** 2)
    return 2 * np.log(both / SPEC.floor) / np.log(ratio) - 1


def test_without_alterations_everything_stays_as_it_is():
    for name, found in alter().items():
        np.testing.assert_array_equal(found, batch()[name])


def test_mixing_adds_energies_and_unites_notes():
    found, before = alter(mix=1.0), batch()
    np.testing.assert_allclose(found["log_mel"], mixed(before["log_mel"].numpy()), atol=1e-5)
    for name in LABELS:
        one = before[name].numpy().astype(bool)
        np.testing.assert_array_equal(found[name].numpy().astype(bool), one | np.roll(one, 1, axis=0))


def test_a_share_is_mixed_each_of_them_in_all_its_parts():
    found, before = alter(mix=0.25), batch()
    touched = np.abs(found["log_mel"] - before["log_mel"]).max(axis=(1, 2, 3)) > 1e-3
    assert 0.1 < touched.mean() < 0.4
    for name, all_mixed in alter(mix=1.0).items():
        expected = np.where(touched.reshape([-1] + [1] * (all_mixed.ndim - 1)), all_mixed, before[name])
        np.testing.assert_array_equal(found[name], expected)


@pytest.mark.parametrize("name", ["gain", "equalizer", "noise"])
def test_each_alteration_changes_the_sound_alone_and_is_drawn_from_the_seed(name):
    found, same, other = alter(1, **{name: 0.1}), alter(1, **{name: 0.1}), alter(2, **{name: 0.1})
    change = found["log_mel"].numpy() - batch()["log_mel"].numpy()
    assert 0.03 < change.std() < 0.2
    np.testing.assert_array_equal(found["log_mel"], same["log_mel"])
    assert np.abs(found["log_mel"] - other["log_mel"]).max() > 0.01
    for label in LABELS:
        np.testing.assert_array_equal(found[label], batch()[label])


def test_a_gain_is_one_number_of_a_clip_an_equalizer_one_curve():
    change = {
        name: alter(**{name: 0.05})["log_mel"].numpy() - batch()["log_mel"].numpy()
        for name in ("gain", "equalizer")
    }
    assert np.ptp(change["gain"], axis=(1, 2, 3)).max() < 1e-5
    assert np.abs(change["gain"]).max() <= 0.05 + 1e-5
    assert np.ptp(change["equalizer"], axis=1).max() < 1e-5


def test_nothing_leaves_the_range():
    found = alter(noise=2.0)["log_mel"].numpy()
    assert (found.min(), found.max()) == (-1.0, 1.0)


def test_inside_a_graph_it_is_the_same():
    config, seeds = AugmentConfig(mix=0.5), tf.constant([[1, i] for i in range(4)])
    graph = tf.function(lambda x: augmented(SPEC, x, config, iter(tf.unstack(seeds))), autograph=False)
    eager = augmented(SPEC, batch(), config, iter(seeds))
    for name, found in graph(batch()).items():
        np.testing.assert_allclose(found, eager[name], atol=1e-5)


def test_twins_are_mixed_with_twins():
    half = {name: x[: CLIPS // 2] for name, x in batch().items()}
    both = {name: tf.concat([x, x], axis=0) for name, x in half.items()}
    seeds = tf.constant([[1, i] for i in range(4)])
    found = augmented(SPEC, both, dataclasses.replace(NOTHING, mix=0.5), iter(seeds), groups=2)
    for name, x in found.items():
        np.testing.assert_array_equal(*np.split(x.numpy(), 2), err_msg=name)
    assert np.abs(found["log_mel"] - both["log_mel"]).max() > 0.1
