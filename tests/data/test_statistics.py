import numpy as np
import pytest

from pipelines.data import statistics
from pipelines.data.batching import unpaired_batches
from pipelines.data.schema import DOMAINS
from pipelines.data.statistics import LEAST_DEVIATION, crops, mel_statistics


@pytest.fixture(autouse=True)
def few_crops(monkeypatch):
    """Enough for the arithmetic."""
    monkeypatch.setattr(statistics, "CROPS", 32)


def frames_of(corpus, domain):
    """The crops that are measured, as float64 [frames, mels]."""
    batches = unpaired_batches(corpus, frames=64, batch_size=16, seed=0).take(statistics.CROPS // 16)
    found = [batch[domain][..., 0] for batch in batches.as_numpy_iterator()]
    return np.concatenate(found).reshape(-1, corpus.spec.n_mels).astype(np.float64)


def test_mean_and_deviation_are_numpy_s_over_the_same_crops(corpus):
    for domain, log_mels in crops(corpus).items():
        mean, deviation = mel_statistics(log_mels)
        frames = frames_of(corpus, domain)
        assert mean.dtype == deviation.dtype == np.float32
        np.testing.assert_allclose(mean, frames.mean(axis=0), atol=1e-5)
        np.testing.assert_allclose(deviation, np.maximum(frames.std(axis=0), LEAST_DEVIATION), atol=1e-5)


def test_equal_at_every_call(corpus):
    one, other = crops(corpus), crops(corpus)
    assert set(one) == set(DOMAINS)
    for domain in DOMAINS:
        np.testing.assert_array_equal(one[domain], other[domain])


def test_a_silent_band_gets_the_least_deviation():
    silent = np.full((50, 3), -1, np.float32)
    silent[:, 1] += np.linspace(0, 1, 50, dtype=np.float32)
    mean, deviation = mel_statistics(silent[None, ..., None])
    np.testing.assert_allclose(mean, [-1, -0.5, -1], atol=1e-6)
    np.testing.assert_allclose(deviation[[0, 2]], LEAST_DEVIATION)
    assert deviation[1] > 0.2


def test_they_are_of_what_was_recorded(corpus, varied):
    for domain, log_mels in crops(varied).items():
        np.testing.assert_array_equal(log_mels, crops(corpus)[domain])
