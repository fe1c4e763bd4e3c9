import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from pipelines.serving.gain_ramp import Leveller

RATE = 8000


def song(seconds: float, level: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((round(seconds * RATE), 2))
    return (level * noise).astype(np.float32)


def levelled(sources: list[np.ndarray], covers: list[np.ndarray]) -> np.ndarray:
    leveller = Leveller(RATE, 2)
    parts = [leveller.add(*pair) for pair in zip(sources, covers, strict=True)]
    return np.concatenate([*parts, leveller.finish()])


def loudness(samples: np.ndarray) -> float:
    return pyloudnorm.Meter(RATE).integrated_loudness(samples)


def test_one_gain_is_one_gain():
    sources = [song(2, 0.1, seed) for seed in range(3)]
    made = levelled(sources, [0.25 * source for source in sources])
    np.testing.assert_allclose(made, np.concatenate(sources), rtol=1e-3, atol=1e-6)


def test_as_loud_as_the_source_though_the_cover_wanders():
    sources = [song(3, 0.05, seed) for seed in range(8)]
    covers = [level * song(3, 0.05, 9 + n) for n, level in enumerate([2, 2.4, 1.6, 2.2, 2, 1.7, 2, 2])]
    made = levelled(sources, covers)
    assert len(made) == sum(map(len, sources))
    assert loudness(made) == pytest.approx(loudness(np.concatenate(sources)), abs=0.5)


def test_a_loud_source_s_cover_is_as_loud_below_the_ceiling():
    sources = [np.clip(song(3, 0.22, seed), -0.5, 0.5) for seed in range(4)]
    made = levelled(sources, [0.3 * song(3, 0.22, 9 + seed) for seed in range(4)])
    assert loudness(made) == pytest.approx(loudness(np.concatenate(sources)), abs=0.5)
    assert np.abs(signal.resample_poly(made, 4, 1, axis=0)).max() <= 10 ** (-1 / 20)


def test_no_gain_jumps():
    covers = [level * song(1, 0.02, seed) for seed, level in enumerate([1, 4, 1])]
    made = levelled([song(1, 0.05, 7 + seed) for seed in range(3)], covers)
    cover = np.concatenate(covers)
    heard = np.abs(cover) > 0.01
    gains = made[heard] / cover[heard]
    assert gains.max() > 1.2 * gains.min()
    assert np.abs(np.diff(gains)).max() < 0.02 * gains.max()


def test_a_cover_that_is_the_source_stays_it():
    sources = [song(1, level) for level in (1e-5, 0.1, 0.6)]  # the first below the gate, the last clips
    leveller = Leveller(RATE, 2, 1 / 0.3, follow=False)
    made = np.concatenate([*(leveller.add(each, 0.3 * each) for each in sources), leveller.finish()])
    np.testing.assert_allclose(made, np.concatenate(sources), rtol=1e-4, atol=1e-9)


def test_before_anything_can_be_measured_the_gain_is_the_song_s():
    quiet = song(1, 1e-5)
    leveller = Leveller(RATE, 2, 4.0)
    made = np.concatenate([leveller.add(quiet, 0.25 * quiet), leveller.finish()])
    np.testing.assert_allclose(made, quiet, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("samples", [0, 1, 2, 5])
def test_windows_of_almost_nothing(samples: int):
    windows = [song(1, 0.1), song(1, 0.1)[:samples]]
    assert len(levelled(windows, windows)) == RATE + samples
