import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from pipelines.errors import UserError
from pipelines.metrics.classifier import StyleClassifier


def songs(count: int, mean: float, seed: int, seconds: int = 20) -> list[np.ndarray]:
    """Statistics in odd units, around a mean."""
    random = np.random.default_rng(seed)
    return [(random.standard_normal((seconds, 3)) + mean) * [1, 100, 0.01] for _ in range(count)]


def test_classifies_held_out_songs():
    classifier = StyleClassifier.fit(songs(3, -1, 0), songs(3, 1, 1))
    assert classifier.probability(songs(1, 1, 2)[0]).mean() > 0.9
    assert classifier.probability(songs(1, -1, 3)[0]).mean() < 0.1
    assert classifier.probability(songs(1, 0, 4, seconds=400)[0]).mean() == pytest.approx(0.5, abs=0.1)


def test_equal_amounts_are_plain_logistic_regression():
    content, band = songs(2, -0.3, 0), songs(2, 0.3, 1)
    rows = np.concatenate([*content, *band])
    standard = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    expected = LogisticRegression().fit(standard, np.repeat([0, 1], 40)).predict_proba(standard)[:40, 1]
    found = StyleClassifier.fit(content, band).probability(np.concatenate(content))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_number_and_length_of_songs_do_not_bias_it():
    """Both domains have the same distribution, one has nine times the songs: probability one half."""
    classifier = StyleClassifier.fit(songs(18, 0, 0), songs(2, 0, 1))
    assert classifier.probability(songs(1, 0, 2, seconds=300)[0]).mean() == pytest.approx(0.5, abs=0.1)
    long = [*songs(1, -2, 3, seconds=900), *songs(1, 2, 4, seconds=10)]
    classifier = StyleClassifier.fit(songs(2, 0, 5), long)
    assert classifier.probability(np.array([[2, 200, 0.02]]))[0] == pytest.approx(
        classifier.probability(np.array([[-2, -200, -0.02]]))[0], abs=0.35
    )


def test_silence_has_no_seconds():
    classifier = StyleClassifier.fit(songs(1, -1, 0), songs(1, 1, 1))
    assert classifier.probability(np.zeros((0, 3))).shape == (0,)


def test_a_domain_without_songs_is_an_error():
    with pytest.raises(UserError, match="no content song with sound in it"):
        StyleClassifier.fit([np.zeros((0, 3))], songs(1, 1, 1))
    with pytest.raises(UserError, match="no band song with sound in it"):
        StyleClassifier.fit(songs(1, 1, 1), [])
