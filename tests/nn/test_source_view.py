import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn import source_view
from pipelines.nn.source_view import RISES, GroupLevels, SourceView


def log_mel(frames=20, mels=64, seed=0):
    return np.random.default_rng(seed).uniform(-1, 0.5, (2, frames, mels)).astype(np.float32)


def test_an_envelope_and_a_level_are_not_seen_in_the_contrast():
    sound = log_mel()
    curve = np.linspace(0, 0.6, 64, dtype=np.float32)
    one, other = (source_view.contrast(tf.constant(each)).numpy() for each in (sound, 0.5 * sound + curve))
    assert one.shape == (2, 20, 44)
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.97
    assert np.abs(one).max() <= 2.5


def test_noise_far_below_the_deviation_is_not_amplified():
    quiet = -0.9 + 0.004 * np.random.default_rng(0).normal(size=(1, 9, 64)).astype(np.float32)
    assert np.abs(source_view.contrast(tf.constant(quiet))).max() < 0.5


def test_rises_by_numpy():
    sound = log_mel()
    groups = sound.reshape(2, 20, RISES, 4).mean(axis=-1)
    expected = np.zeros_like(groups)
    expected[:, 1:] = np.minimum(10 * np.maximum(np.diff(groups, axis=1), 0), 3)
    np.testing.assert_allclose(source_view.rises(tf.constant(sound)), expected, atol=1e-5)
    # Bands that no group of equal size has room for are not used.
    wider = np.concatenate([sound, log_mel(mels=7)], axis=2)
    np.testing.assert_allclose(source_view.rises(tf.constant(wider)), expected, atol=1e-5)


@pytest.mark.parametrize(("chance", "expected"), [(0.999, 0.0), (0.65, 0.65), (0.3, 1.0)])
def test_uncertainty_is_the_variance_of_the_sounding_pitches(chance, expected):
    logits = np.full((1, 200, 179), np.log(chance / (1 - chance)), np.float32)
    found = source_view.uncertainty(tf.constant(logits)).numpy()
    assert found.shape == (1, 200, 1)
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_uncertainty_is_averaged_over_time_and_ignores_onsets_and_drums():
    logits = np.full((1, 300, 179), -9.0, np.float32)
    logits[:, :, :4] = 6.0
    logits[:, :, 88:] = 0.0
    assert np.max(source_view.uncertainty(tf.constant(logits))) == 0
    logits[:, 150:, :20] = 0.0
    found = source_view.uncertainty(tf.constant(logits)).numpy()[0, :, 0]
    assert found[:115].max() == 0
    assert found[185:].min() == 1
    assert 0 < found[150] < 1


def test_presence_goes_from_nothing_by_the_uncertainty_to_everything():
    unsure = tf.constant(np.linspace(0, 1, 5, dtype=np.float32)[None, :, None])
    for closeness, expected in (
        (0.0, 0 * unsure),
        (0.25, unsure / 2),
        (0.5, unsure),
        (1.0, tf.ones_like(unsure)),
    ):
        found = source_view.presence(unsure, tf.fill([1, 1, 1], closeness))
        np.testing.assert_allclose(found, expected, atol=1e-6)
    between = source_view.presence(unsure, tf.fill([1, 1, 1], 0.75)).numpy()
    np.testing.assert_allclose(between, (1 + unsure) / 2, atol=1e-6)


def test_the_layer_is_the_same_in_a_graph_and_after_loading(tmp_path):
    inputs = [keras.Input((None, 64, 1)), keras.Input((None, 179)), keras.Input(())]
    network = keras.Model(inputs, SourceView()(inputs))
    network.save(tmp_path / "view.keras")
    loaded = keras.saving.load_model(tmp_path / "view.keras")
    logits = np.random.default_rng(1).normal(size=(2, 20, 179)).astype(np.float32)
    given = [tf.constant(log_mel()[..., None]), tf.constant(logits), tf.constant([0.2, 0.9])]
    shapes = [tuple(each.shape) for each in network(given)]
    assert shapes == [(2, 20, 44), (2, 20, RISES), (2, 20, 1)]
    for one, other in zip(network(given), tf.function(loaded, autograph=False)(given), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_layer_of_an_earlier_version_has_its_limits():
    config = SourceView().get_config()
    assert SourceView.from_config(config).get_config() == config
    for name in ("sure", "unsure"):
        del config[name]
    earlier = SourceView.from_config(config).get_config()
    assert (earlier["sure"], earlier["unsure"]) == (1.0, 1.5)


def test_levels_of_groups_by_numpy_and_after_loading(tmp_path):
    sound, domain = log_mel(), log_mel(mels=64) - 0.1
    inputs = keras.Input((None, 64, 1))
    layer = GroupLevels()
    network = keras.Model(inputs, layer(inputs))
    assert network.output_shape == (None, None, RISES)
    layer.set_domain(domain[..., None])
    groups = sound.reshape(2, 20, RISES, 4).mean(axis=-1)
    smooth = np.stack([groups[:, max(t - 1, 0) : t + 2].mean(axis=1) for t in range(20)], axis=1)
    means = domain.reshape(2, 20, RISES, 4).mean(axis=(0, 1, 3))
    expected = np.clip((smooth - means) / 0.1, -4, 4)
    assert 0 < np.mean(np.abs(expected) == 4) < 0.99  # some are at their limit
    network.save(tmp_path / "levels.keras")
    loaded = keras.saving.load_model(tmp_path / "levels.keras")
    for each in (network, tf.function(loaded, autograph=False)):
        np.testing.assert_allclose(each(tf.constant(sound[..., None])), expected, atol=1e-4)
