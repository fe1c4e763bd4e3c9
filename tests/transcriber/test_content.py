import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from pipelines.nn import source_view
from tests.contracts import batch_of
from tests.transcriber.content_decoder import tiny
from transcriber import content
from transcriber.config import ContentConfig
from transcriber.content import CONTENT, SCALE
from transcriber.perturbation import perturbed

STILL = ContentConfig(least=1.0, most=1.0, noise=0.0, pitch_noise=0.0, level=0.0, level_noise=0.0)


@pytest.fixture(scope="module")
def clip():
    return batch_of(tiny.SPEC, tiny.FRAMES, 0)["band"]


def encoder():
    return content.build_encoder(tiny.transcriber().network, tiny.SPEC)


@pytest.fixture(scope="module")
def encoded(clip):
    return encoder()(clip).numpy()


def seeds(root=1):
    return iter(tf.unstack(tf.random.split([root, 2], 5)))


def test_content_is_the_transcriber_s_logits_and_the_level(clip, encoded):
    assert encoded.shape == (2, tiny.FRAMES, CONTENT, 1)
    logits = tiny.transcriber().network(clip)
    logits = np.concatenate([logits[name] for name in ("sounding", "onset", "drums")], axis=-1)
    np.testing.assert_allclose(encoded[:, :, :-1, 0], SCALE * logits, atol=1e-5)
    # The levels are not set: the identity between 0 and 1.
    mean = clip[..., 0].numpy().mean(axis=2)
    np.testing.assert_allclose(encoded[:, :, -1, 0], mean.clip(0, 1), atol=1e-5)


def test_whatever_a_domain_s_levels_are_they_come_out_normally_distributed():
    for shape in (lambda x: x, np.exp, lambda x: -0.5 + 0.01 * x):
        levels = shape(np.random.default_rng(1).normal(size=(4, 500)))
        clips = np.repeat(levels[:, :, None, None], tiny.SPEC.n_mels, axis=2).astype(np.float32)
        network = encoder()
        content.set_levels(network, clips)
        found = network(clips).numpy()[:, :, -1, 0].ravel()
        inside = np.abs(found) < 2.2
        assert inside.mean() > 0.97
        assert stats.kstest(found, "norm").statistic < 0.03
        order = np.argsort(levels.ravel())
        assert np.diff(found[order]).min() > -1e-5


def test_levels_that_are_always_the_same_are_finite():
    network, clips = encoder(), np.full((2, 8, tiny.SPEC.n_mels, 1), -1, np.float32)
    content.set_levels(network, clips)
    assert np.isfinite(network(clips)).all()


def test_without_perturbation_content_stays(encoded):
    np.testing.assert_allclose(perturbed(encoded, STILL, seeds()), encoded, atol=1e-6)


def test_surer_or_less_sure_is_a_factor_of_the_logits_alone(encoded):
    config = ContentConfig(least=0.5, most=0.6, noise=0.0, pitch_noise=0.0, level=0.0, level_noise=0.0)
    found = perturbed(tf.constant(encoded), config, seeds()).numpy()
    factor = (found[:, :, :-1] / encoded[:, :, :-1]).reshape(2, -1)
    np.testing.assert_allclose(factor.std(axis=1), 0, atol=1e-3)
    assert ((factor > 0.499) & (factor < 0.601)).all()
    np.testing.assert_array_equal(found[:, :, -1], encoded[:, :, -1])


def test_equal_seeds_perturb_alike_and_others_do_not(encoded):
    one, same, other = (perturbed(encoded, ContentConfig(), seeds(root)).numpy() for root in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).mean() > 0.1


def test_decoders_are_given_probabilities_and_the_level(encoded):
    given = keras.Input((None, CONTENT, 1))
    found = keras.Model(given, content.probabilities(given))(encoded).numpy()
    np.testing.assert_allclose(found[:, :, :-1], 2 * special.expit(encoded[:, :, :-1] / SCALE) - 1, atol=1e-6)
    np.testing.assert_array_equal(found[:, :, -1], encoded[:, :, -1])


def test_details_are_contrast_and_rises_by_their_presences_at_their_bands():
    mels, bands = 32, source_view.contrast_bands(32)
    given = keras.Input((None, content.view_size(mels), 1))
    found = keras.Model(given, content.details(given, mels))
    contrast, risen = tf.ones([2, 5, bands]), tf.tile(tf.range(16.0)[None, None], [2, 5, 1])
    presences = tf.tile(tf.constant([[[1.0, 0.5, 0.25]]]), [2, 5, 1])
    with_view = content.with_view(tf.ones([2, 5, content.CONTENT, 1]), contrast, risen, presences)
    of_contrast, of_rises = found(with_view)
    expected = np.where(np.arange(mels) < bands, 0.5, 0.0)
    np.testing.assert_array_equal(of_contrast, np.broadcast_to(expected[:, None], (2, 5, mels, 1)))
    np.testing.assert_array_equal(
        of_rises, np.broadcast_to(0.25 * np.repeat(np.arange(16), 2)[:, None], (2, 5, mels, 1))
    )


def test_decoders_are_given_each_group_by_its_presence():
    mels, bands = 32, source_view.contrast_bands(32)
    generator = np.random.default_rng(0)
    notes, contrast, risen, levels = (
        generator.normal(size=(2, 5, size)).astype(np.float32) for size in (content.CONTENT, bands, 16, 16)
    )
    presences = np.tile(np.float32([0.5, 0.25, 0.125]), (2, 5, 1))
    of_levels = np.full((2, 5, 1), 0.75, np.float32)
    posteriors = np.tanh(notes[..., :-1] / (2 * SCALE))
    without = [0.5 * posteriors, notes[..., -1:], 0.25 * contrast, 0.125 * risen, presences]
    for has_levels in (False, True):
        given = keras.Input((None, content.view_size(mels, has_levels), 1))
        network = keras.Model(given, content.features(given, mels))
        groups = (levels, of_levels) if has_levels else None
        with_view = content.with_view(notes[..., None], contrast, risen, presences, groups)
        expected = [*without[:3], *([0.75 * levels, of_levels] if has_levels else []), *without[3:]]
        np.testing.assert_allclose(
            network(with_view)[..., 0], np.concatenate(expected, axis=-1), rtol=1e-5, atol=1e-6
        )
    np.testing.assert_array_equal(content.levels_presence(with_view, mels), of_levels[..., 0])


def test_levels_are_there_even_where_the_notes_are_sure(clip):
    group_levels = source_view.GroupLevels(name="levels")
    network = content.build_view_encoder(encoder(), tiny.SPEC, {"sure": 9.0, "unsure": 10.0}, group_levels)
    for closeness, of_levels, of_contrast in ((0.0, 0.0, 0.0), (0.25, 0.5, 0.0), (0.5, 1.0, 0.0), (1, 1, 1)):
        found = network([clip, tf.fill([2], float(closeness))])
        np.testing.assert_allclose(content.levels_presence(found, tiny.SPEC.n_mels), of_levels, atol=1e-6)
        np.testing.assert_allclose(content.presence(found, "contrast"), of_contrast, atol=1e-6)


def test_the_presence_of_a_group_is_found_where_it_was_put():
    presences = tf.constant(np.random.default_rng(0).uniform(size=(2, 5, 3)), tf.float32)
    parts = (tf.zeros([2, 5, content.CONTENT, 1]), tf.ones([2, 5, 7]), tf.ones([2, 5, 16]))
    with_view = content.with_view(*parts, presences)
    for i, group in enumerate(content.PRESENCES):
        np.testing.assert_array_equal(content.presence(with_view, group), presences[:, :, i])
