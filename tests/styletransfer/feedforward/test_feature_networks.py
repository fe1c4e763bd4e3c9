import itertools

import numpy as np
import pytest
import tensorflow as tf
from scipy import special

from pipelines.errors import UserError
from pipelines.nn.discriminators import build_discriminator
from pipelines.nn.translator import DISCRIMINATOR_FILE, save_translator
from pipelines.nn.translator_card import TranslatorCard
from styletransfer.feedforward import feature_networks, networks
from tests.contracts import batches
from tests.styletransfer.feedforward import tiny


def test_domain_entropy_is_scipy_s():
    content, band = np.array([[0.3, -2.0]]), np.array([[1.5, -0.2]])
    expected = -np.mean([special.log_expit(-content).mean(), special.log_expit(band).mean()])
    found = feature_networks.domain_entropy([tf.constant(content)], [tf.constant(band)])
    assert float(found) == pytest.approx(expected)
    nothing = [tf.zeros((2, 3))]
    assert float(feature_networks.domain_entropy(nothing, nothing)) == pytest.approx(np.log(2))


def test_a_classifier_learns_the_domains_and_stops():
    drawn = batches(tiny.SPEC, tiny.FRAMES, 0)
    bank, held = tiny.bank(), next(drawn)
    config = tiny.config(perceptual={"classifier_steps": 30, "classifier_learning_rate": 0.01}).perceptual
    classifier = networks.with_logits(bank)

    def entropy() -> float:
        return float(feature_networks.domain_entropy(classifier(held["content"]), classifier(held["band"])))

    before = entropy()
    feature_networks.train_classifier(classifier, config, drawn)
    assert entropy() < 0.9 * before
    assert len(list(itertools.islice(drawn, 1))) == 1


def test_what_was_made_once_is_loaded_when_the_run_goes_on(tmp_path):
    first = feature_networks.cached(tmp_path, tiny.bank)
    again = feature_networks.cached(tmp_path, lambda: pytest.fail("made again"))
    x = tiny.crops()["band"][:1]
    for a, b in zip(first(x), again(x), strict=True):
        np.testing.assert_array_equal(a, b)
    assert [path.name for path in tmp_path.iterdir()] == [feature_networks.FILE]


def test_a_discriminator_comes_from_its_run(tmp_path):
    card = TranslatorCard("vaegan", "vaegan_tiny", 3, 8, 4)
    discriminator = build_discriminator(
        4, 1, 1, frames=tiny.FRAMES, mels=tiny.SPEC.n_mels, name="discriminator"
    )
    folder = tmp_path / "run" / "translator"
    save_translator(folder, tiny.model().translator, tiny.SPEC, card, {DISCRIMINATOR_FILE: discriminator})
    found = feature_networks.discriminator_of_run(str(tmp_path / "run"), tiny.SPEC)
    x = tiny.crops()["band"][:1]
    for a, b in zip(discriminator(x)[0], found(x)[0], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    save_translator(folder, tiny.model().translator, tiny.SPEC, card)
    with pytest.raises(UserError, match="holds no discriminator: this vaegan model has none or is too old"):
        feature_networks.discriminator_of_run(str(tmp_path / "run"), tiny.SPEC)


def test_no_run_or_another_spec_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"add --set perceptual\.discriminator=WORKDIR"):
        feature_networks.discriminator_of_run("", tiny.SPEC)
    with pytest.raises(UserError, match="is not a folder"):
        feature_networks.discriminator_of_run(str(tmp_path / "nowhere"), tiny.SPEC)
