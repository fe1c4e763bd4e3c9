"""Building of a run's model with its feature networks."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.training.workdir import Workdir
from styletransfer.feedforward import feature_networks, train
from tests.evaluation import small
from tests.styletransfer.feedforward import tiny


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return small.data(tmp_path_factory.mktemp("data"), ("train", "valid"), ("train", "valid"))


def config(**perceptual):
    small_config = tiny.config(perceptual={"content": "random", **perceptual}, data={"batch_size": 2})
    return dataclasses.replace(small_config, spec=small.SPEC)


def run(config, folder):
    return SimpleNamespace(config=config, workdir=Workdir(folder))


def style_of(model):
    return [np.asarray(gram) for gram in model.style.target]


@pytest.mark.slow
def test_a_classifier_is_trained_once_and_its_features_are_other_than_random_ones(corpus, tmp_path):
    changed = config(style="classifier", classifier_steps=3, classifier_learning_rate=0.1)
    first = style_of(train.build(run(changed, tmp_path), corpus))
    written = (tmp_path / feature_networks.FILE).read_bytes()
    again = style_of(train.build(run(changed, tmp_path), corpus))
    assert (tmp_path / feature_networks.FILE).read_bytes() == written
    untrained = style_of(train.build(run(config(), tmp_path), corpus))
    for one, same, other in zip(first, again, untrained, strict=True):
        np.testing.assert_allclose(one, same, atol=1e-5)
        assert np.abs(one - other).max() > 1e-3


def test_a_discriminator_needs_a_run(corpus, tmp_path):
    with pytest.raises(UserError, match=r"perceptual\.style=discriminator needs a VAE-GAN's run"):
        train.build(run(config(style="discriminator"), tmp_path), corpus)


def test_a_transcriber_of_another_spec_is_refused(corpus, tmp_path):
    with pytest.raises(UserError, match="the transcriber"):
        train.build(run(config(style="transcriber"), tmp_path), corpus)
