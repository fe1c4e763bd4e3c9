import numpy as np
import pytest

from pipelines.metrics.hum import HUM_DB, hum_level

RATE = 22050


def song(seconds: int = 40, seed: int = 0) -> np.ndarray:
    """Decaying notes of a scale in random order, and noise 50 dB below them, root-mean-square 1."""
    random = np.random.default_rng(seed)
    time = np.arange(RATE // 4) / RATE
    notes = [
        np.sin(2 * np.pi * 220 * 2 ** (key / 12) * time) * np.exp(-6 * time)
        for key in random.choice([0, 2, 4, 5, 7, 9, 11], 4 * seconds)
    ]
    wave = np.concatenate(notes)[: seconds * RATE]
    return (wave / wave.std() + 0.003 * random.standard_normal(len(wave))).astype(np.float32)


def tones(waveform: np.ndarray, level_db: float, *frequencies: float) -> np.ndarray:
    """Tones whose sum has a level relative to root-mean-square 1."""
    time = np.arange(len(waveform)) / RATE
    wave = sum(np.sin(2 * np.pi * frequency * time) for frequency in frequencies)
    return waveform + (10 ** (level_db / 20) * wave / wave.std()).astype(np.float32)


@pytest.mark.parametrize("frequencies", [(437.0,), (300.0, 437.0, 700.0)])
@pytest.mark.parametrize("level", [-10, -20])
def test_a_hum_has_its_level(frequencies, level):
    """A window function's tails, which are below the neighbours' floor, are all that is lost."""
    source = song()
    found = hum_level(tones(source, level, *frequencies), source, RATE)
    expected = level - 10 * np.log10(1 + 10 ** (level / 10))
    assert found == pytest.approx(expected, abs=2)
    assert found > HUM_DB


def test_music_and_noise_are_no_hum():
    source = song()
    assert hum_level(source, source, RATE) == -100
    assert hum_level(song(seed=1), source, RATE) == -100
    noise = np.random.default_rng(2).standard_normal(len(source)).astype(np.float32)
    assert hum_level(source + 0.1 * noise, source, RATE) == -100


def test_a_drone_of_the_source_is_no_hum_at_any_level():
    source = song()
    drone = tones(source, -10, 220)
    assert hum_level(drone, drone, RATE) == -100
    assert hum_level(0.01 * drone, drone, RATE) == -100
    assert hum_level(tones(source, -10, 224), drone, RATE) == -100
    assert hum_level(tones(source, -10, 330), drone, RATE) > HUM_DB


def test_a_tone_that_stops_is_no_hum():
    source = song()
    pauses = np.arange(len(source)) // RATE % 2 == 0
    assert hum_level(np.where(pauses, source, tones(source, -10, 437)), source, RATE) == -100


def test_silence_and_short_recordings():
    source, silence = song(), np.zeros(40 * RATE, np.float32)
    assert np.isnan(hum_level(silence, source, RATE))
    assert np.isnan(hum_level(source[:0], source[:0], RATE))
    assert hum_level(tones(silence, 0, 437), silence, RATE) == pytest.approx(0, abs=0.5)
    assert hum_level(source[:100], source[:100], RATE) == -100
