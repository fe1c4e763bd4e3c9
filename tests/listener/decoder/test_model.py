import numpy as np
import pytest
import tensorflow as tf

from listener.decoder.config import PerturbConfig
from listener.decoder.model import perturbed
from listener.decoder.networks import CONTENT, SCALE, build_encoder
from tests.contracts import batch_of
from tests.listener.decoder import tiny

STILL = PerturbConfig(least=1.0, most=1.0, noise=0.0, pitch_noise=0.0, level=0.0, level_noise=0.0)


@pytest.fixture(scope="module")
def clip():
    return batch_of(tiny.SPEC, tiny.FRAMES, 0)["band"]


def content_of(clip):
    return build_encoder(tiny.listener().network, tiny.SPEC)(clip)


def seeds(root=1):
    return iter(tf.unstack(tf.random.split([root, 2], 5)))


def test_content_is_what_the_listener_hears_and_how_loud_it_is(clip):
    content = content_of(clip).numpy()
    assert content.shape == (2, tiny.FRAMES, CONTENT, 1)
    heard = tiny.listener().network(clip)
    logits = np.concatenate([heard[name] for name in ("sounding", "onset", "drums")], axis=-1)
    np.testing.assert_allclose(content[:, :, :-1, 0], SCALE * logits, atol=1e-5)
    # The statistics are not set: the mean over the bands itself.
    np.testing.assert_allclose(content[:, :, -1, 0], clip[..., 0].numpy().mean(axis=2), atol=1e-5)


def test_without_perturbation_content_stays(clip):
    content = content_of(clip)
    np.testing.assert_allclose(perturbed(content, STILL, seeds()), content, atol=1e-6)


def test_surer_or_less_sure_is_a_factor_of_the_logits_alone(clip):
    content = content_of(clip).numpy()
    config = PerturbConfig(least=0.5, most=0.6, noise=0.0, pitch_noise=0.0, level=0.0, level_noise=0.0)
    found = perturbed(tf.constant(content), config, seeds()).numpy()
    factor = (found[:, :, :-1] / content[:, :, :-1]).reshape(2, -1)
    np.testing.assert_allclose(factor.std(axis=1), 0, atol=1e-3)
    assert ((factor > 0.499) & (factor < 0.601)).all()
    np.testing.assert_array_equal(found[:, :, -1], content[:, :, -1])


def test_equal_seeds_perturb_alike_and_others_do_not(clip):
    content, config = content_of(clip), PerturbConfig()
    one, same, other = (perturbed(content, config, seeds(root)).numpy() for root in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).mean() > 0.1


def test_the_listener_does_not_learn(clip):
    model = tiny.model()
    before = [weight.numpy() for weight in model.encoder.weights]
    model.train_step({"band": clip})
    for weight, old in zip(model.encoder.weights, before, strict=True):
        np.testing.assert_array_equal(weight, old)


def test_content_songs_are_not_needed(clip):
    assert float(tiny.model().train_step({"band": clip})["reconstruction"]) > 0
