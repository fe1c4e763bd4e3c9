import numpy as np
import pytest

from pipelines.data import statistics
from pipelines.data.batching import unpaired_batches
from pipelines.data.schema import DOMAINS
from pipelines.data.statistics import MIN_DEVIATION, mel_statistics, training_crops


@pytest.fixture(autouse=True)
def few_crops(monkeypatch):
    """Enough for the arithmetic."""
    monkeypatch.setattr(statistics, "CROPS", 32)


def frames_of(corpus, domain):
    """The crops that are measured, as float64 [frames, mels]."""
    batches = unpaired_batches(corpus, frames=64, batch_size=16, seed=0).take(statistics.CROPS // 16)
    found = [batch[domain][..., 0] for batch in batches.as_numpy_iterator()]
    return np.concatenate(found).reshape(-1, corpus.spec.n_mels).astype(np.float64)


def test_mean_and_deviation_equal_numpy(corpus):
    for domain, log_mels in training_crops(corpus).items():
        mean, deviation = mel_statistics(log_mels)
        frames = frames_of(corpus, domain)
        assert mean.dtype == deviation.dtype == np.float32
        np.testing.assert_allclose(mean, frames.mean(axis=0), atol=1e-5)
        np.testing.assert_allclose(deviation, np.maximum(frames.std(axis=0), MIN_DEVIATION), atol=1e-5)


def test_equal_at_every_call(corpus):
    one, other = training_crops(corpus), training_crops(corpus)
    assert set(one) == set(DOMAINS)
    for domain in DOMAINS:
        np.testing.assert_array_equal(one[domain], other[domain])


def test_a_silent_band_gets_the_minimum_deviation():
    silent = np.full((50, 3), -1, np.float32)
    silent[:, 1] += np.linspace(0, 1, 50, dtype=np.float32)
    mean, deviation = mel_statistics(silent[None, ..., None])
    np.testing.assert_allclose(mean, [-1, -0.5, -1], atol=1e-6)
    np.testing.assert_allclose(deviation[[0, 2]], MIN_DEVIATION)
    assert deviation[1] > 0.2


def test_augmented_copies_are_not_used(corpus, corpus_with_copy):
    for domain, log_mels in training_crops(corpus_with_copy).items():
        np.testing.assert_array_equal(log_mels, training_crops(corpus)[domain])
