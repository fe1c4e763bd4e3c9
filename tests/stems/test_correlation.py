import numpy as np
import pytest

from pipelines.audio.streams import array_blocks
from pipelines.stems.correlation import find_offset, project
from tests.stems.songs import RATE, accompaniment, delayed, voice

SIZE = RATE


def offset(mix: np.ndarray, stem: np.ndarray, max_lag: int = 2 * RATE) -> int:
    """Offset found in blocks of a second, of the stem in others."""
    blocks = array_blocks(mix, SIZE), array_blocks(stem, 7777)
    return find_offset(*blocks, samples=len(mix), sample_rate=RATE, max_lag=max_lag, size=SIZE)


@pytest.mark.parametrize("samples", [0, 1, -1, 137, -5000, RATE, -RATE])
def test_a_known_offset_is_found_to_the_sample(samples: int):
    singer = voice(4.3)
    assert offset(accompaniment(4.3) + singer, delayed(singer, samples)) == samples


@pytest.mark.parametrize("level", [0.3, 0.1])
def test_a_quiet_voice_is_found_as_well(level: float):
    singer = voice(6.0)
    assert offset(accompaniment(6.0) + level * singer, delayed(singer, 421)) == 421


def test_a_stem_of_opposite_polarity_is_found():
    singer = voice(4.0)
    assert offset(accompaniment(4.0) + singer, delayed(-0.5 * singer, -99)) == -99


def test_an_offset_at_the_bound_of_the_search_is_found():
    singer = voice(4.0)
    assert offset(accompaniment(4.0) + singer, delayed(singer, 1000), max_lag=1000) == 1000


def blocks(samples: np.ndarray):
    return iter(np.array_split(samples, 5))


@pytest.mark.parametrize("level", [0.25, 1.0, 4.0, -2.0])
def test_the_gain_of_a_stem_that_is_uncorrelated_with_the_rest(level: float):
    generator = np.random.default_rng(0)
    stem, rest = generator.standard_normal((2, 4 * RATE, 2))
    found = project(blocks(level * stem + 0.1 * rest), blocks(stem), RATE)
    np.testing.assert_allclose(found.gains, [level], rtol=5e-3)
    assert found.share == pytest.approx(level**2 / (level**2 + 0.01), abs=5e-3)


def test_a_mono_stem_has_a_gain_for_every_channel():
    stem = np.random.default_rng(0).standard_normal((2 * RATE, 1))
    found = project(blocks(stem * [0.9, -0.2]), blocks(stem), RATE)
    np.testing.assert_allclose(found.gains, [0.9, -0.2], rtol=1e-6)
    assert found.share == pytest.approx(1.0)


def test_the_projection_is_that_of_whole_signals():
    mix, stem = accompaniment(3.0) + voice(3.0), voice(3.0)
    whole, parts = project(iter([mix]), iter([stem]), RATE), project(blocks(mix), blocks(stem), RATE)
    np.testing.assert_allclose(parts.gains, whole.gains, rtol=1e-6)
    assert parts.share == pytest.approx(whole.share, rel=1e-6)


def test_silence_explains_nothing():
    silence, sound = np.zeros((RATE, 2), np.float32), voice(1.0)
    assert project(blocks(sound), blocks(silence), RATE).share == 0
    assert project(blocks(silence), blocks(sound), RATE).share == 0
