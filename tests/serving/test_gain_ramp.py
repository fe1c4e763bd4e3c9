import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from pipelines.serving.gain_ramp import GainRamp

RATE = 8000


def song(seconds: float, level: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((round(seconds * RATE), 2))
    return (level * noise).astype(np.float32)


def match(sources: list[np.ndarray], translations: list[np.ndarray]) -> np.ndarray:
    ramp = GainRamp(RATE, 2)
    parts = [ramp.add(*pair) for pair in zip(sources, translations, strict=True)]
    return np.concatenate([*parts, ramp.finish()])


def loudness(samples: np.ndarray) -> float:
    return pyloudnorm.Meter(RATE).integrated_loudness(samples)


def test_a_constant_gain_is_removed():
    sources = [song(2, 0.1, seed) for seed in range(3)]
    matched = match(sources, [0.25 * source for source in sources])
    np.testing.assert_allclose(matched, np.concatenate(sources), rtol=1e-3, atol=1e-6)


def test_the_loudness_is_that_of_the_source_though_the_translation_s_changes():
    sources = [song(3, 0.05, seed) for seed in range(8)]
    translations = [level * song(3, 0.05, 9 + n) for n, level in enumerate([2, 2.4, 1.6, 2.2, 2, 1.7, 2, 2])]
    matched = match(sources, translations)
    assert len(matched) == sum(map(len, sources))
    assert loudness(matched) == pytest.approx(loudness(np.concatenate(sources)), abs=0.5)


def test_the_loudness_of_a_loud_source_is_reached_below_the_ceiling():
    sources = [np.clip(song(3, 0.22, seed), -0.5, 0.5) for seed in range(4)]
    matched = match(sources, [0.3 * song(3, 0.22, 9 + seed) for seed in range(4)])
    assert loudness(matched) == pytest.approx(loudness(np.concatenate(sources)), abs=0.5)
    assert np.abs(signal.resample_poly(matched, 4, 1, axis=0)).max() <= 10 ** (-1 / 20)


def test_the_gain_is_continuous():
    translations = [level * song(1, 0.02, seed) for seed, level in enumerate([1, 4, 1])]
    matched = match([song(1, 0.05, 7 + seed) for seed in range(3)], translations)
    translation = np.concatenate(translations)
    audible = np.abs(translation) > 0.01
    gains = matched[audible] / translation[audible]
    assert gains.max() > 1.2 * gains.min()
    assert np.abs(np.diff(gains)).max() < 0.02 * gains.max()


def test_a_translation_that_equals_the_source_remains_unchanged():
    sources = [song(1, level) for level in (1e-5, 0.1, 0.6)]  # the first below the gate, the last clips
    ramp = GainRamp(RATE, 2, 1 / 0.3, match=False)
    matched = np.concatenate([*(ramp.add(each, 0.3 * each) for each in sources), ramp.finish()])
    np.testing.assert_allclose(matched, np.concatenate(sources), rtol=1e-4, atol=1e-9)


def test_the_fallback_gain_is_used_while_the_loudness_cannot_be_measured():
    quiet = song(1, 1e-5)
    ramp = GainRamp(RATE, 2, 4.0)
    matched = np.concatenate([ramp.add(quiet, 0.25 * quiet), ramp.finish()])
    np.testing.assert_allclose(matched, quiet, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("samples", [0, 1, 2, 5])
def test_windows_of_a_few_samples(samples: int):
    windows = [song(1, 0.1), song(1, 0.1)[:samples]]
    assert len(match(windows, windows)) == RATE + samples
