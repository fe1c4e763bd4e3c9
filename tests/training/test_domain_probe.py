"""A probe on codes that give everything away, nothing, or only what the domains' songs have in common."""

import numpy as np
import pytest
import tensorflow as tf

from pipelines.training import domain_probe
from tests.data import conftest

corpus = conftest.corpus
MULTIPLE = 8


def test_codes_that_name_the_domain_give_it_away(corpus):
    def coded(log_mels, domain):
        assert log_mels.shape[1] % MULTIPLE == 0
        return tf.fill([1, log_mels.shape[1] // 4, 3], 1.0 if domain == "band" else -1.0)

    assert domain_probe.measure(corpus, coded, MULTIPLE).codes == 1


def test_codes_that_are_the_same_for_all_tell_nothing(corpus):
    found = domain_probe.measure(corpus, lambda log_mels, domain: tf.zeros([1, 10, 3]), MULTIPLE)
    assert found.codes == pytest.approx(0.5)
    assert f"{found.log_mel:.0%} from the log-mel itself" in str(found)


def test_both_domains_count_half_and_unseen_songs_alone_are_asked(corpus):
    """Codes that tell the training songs apart, and say "band" of every song that the probe has not seen."""
    seen = {song.name for domain in ("content", "band") for song in corpus.songs(domain, "train")}
    assert len(seen) == 6
    calls = []

    def coded(log_mels, domain):
        calls.append(domain)
        of_band = domain == "band" or calls.count("content") > 4
        return tf.fill([1, log_mels.shape[1], 2], 1.0 if of_band else -1.0)

    assert domain_probe.measure(corpus, coded, MULTIPLE).codes == pytest.approx(0.5)
    assert calls == ["content"] * 4 + ["band"] * 2 + ["content", "band"]


def test_windows_are_means_and_deviations_over_time():
    numbers = np.random.default_rng(0).normal(size=(1, 64, 3)).astype(np.float32)
    mel = np.zeros((1, 2 * domain_probe.WINDOW, 4, 1))
    found = domain_probe._windows(tf.constant(numbers), mel)
    first = numbers[0, :32]
    np.testing.assert_allclose(found[0], np.concatenate([first.mean(0), first.std(0)]), rtol=1e-5)
    assert found.shape == (2, 6)
