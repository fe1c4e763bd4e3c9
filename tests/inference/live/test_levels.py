import numpy as np
import pytest

from pipelines.audio.loudness import LoudnessMeter
from pipelines.inference.gain import training_loudness
from pipelines.inference.live.levels import GainRamp, RunningLoudness, RunningMean, RunningWidth
from tests.inference import tiny

RATE, HOP = tiny.SPEC.sample_rate, tiny.SPEC.hop_length
AHEAD = 5
SECONDS = 200 * HOP / RATE


def source(level: float = 1.0, channels: int = 2) -> np.ndarray:
    """Whole hops of a song."""
    return level * tiny.song(4 * SECONDS, channels)[: 800 * HOP]


def delayed(samples: np.ndarray) -> np.ndarray:
    """Samples as a translator of blocks returns them, for those that it got."""
    return np.pad(samples, ((AHEAD * HOP, 0), (0, 0)))[: len(samples)]


def loudness(samples: np.ndarray) -> float:
    meter = LoudnessMeter(RATE, samples.shape[1])
    meter.add(samples)
    return meter.integrated()


@pytest.mark.parametrize("level", [0.1, 1.0])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_loudness_is_that_of_training_before_and_the_sources_after(level: float, channels: int):
    levels, song = RunningLoudness(tiny.SPEC, channels, AHEAD), source(level, channels)
    before, after = [], []
    for block in np.split(song, 8):
        before.append(levels.before(block))
    translation = 0.2 * delayed(np.concatenate(before)) ** 3 * 100
    levels = RunningLoudness(tiny.SPEC, channels, AHEAD)
    for block, translated in zip(np.split(song, 8), np.split(translation, 8), strict=True):
        levels.before(block)
        after.append(levels.after(translated))
    assert abs(loudness(np.concatenate(before)[len(song) // 2 :]) - training_loudness(channels)) < 1.0
    assert abs(loudness(np.concatenate(after)[len(song) // 2 :]) - loudness(song[len(song) // 2 :])) < 1.0


def test_a_loud_source_lowers_the_gain_at_once_and_silence_leaves_it():
    levels = RunningLoudness(tiny.SPEC, 2, AHEAD)
    song = source()
    levels.before(0.01 * song)
    first = levels.before(song[: 100 * HOP]) / song[: 100 * HOP]
    assert first[HOP, 0] > 4 * first[-1, 0]
    levels.before(0 * song)
    again = levels.before(song[: 2 * HOP])[:HOP] / song[:HOP]
    np.testing.assert_allclose(again[0], first[-1], rtol=0.05)


def test_silence_has_no_gain():
    levels, silence = RunningLoudness(tiny.SPEC, 1, AHEAD), np.zeros((8 * HOP, 1), np.float32)
    np.testing.assert_array_equal(levels.after(levels.before(silence)), 0)


def test_the_width_is_the_sources():
    song = source()
    mid = song.mean(axis=1, keepdims=True)
    width = RunningWidth(tiny.SPEC)
    found = np.concatenate(
        [
            width(each, each.mean(axis=1, keepdims=True) + part)
            for each, part in zip(np.split(song, 8), np.split(0.4 * (song - mid), 8), strict=True)
        ]
    )
    np.testing.assert_allclose(found, song, atol=1e-3)
    mono = song[:, :1]
    assert width(mono, mono) is mono


def test_means_forget_and_skip():
    mean = RunningMean(1.0)
    counted = np.array([False, True, True, False])
    found = mean.add(np.array([[9.0], [1.0], [3.0], [9.0]]), counted)[:, 0]
    expected = (1 / np.e + 3) / (1 / np.e + 1)
    np.testing.assert_allclose(found, [0, 1, expected, expected])


def test_ramps_join():
    ramp = GainRamp(4)
    found = np.concatenate([ramp(np.array([1.0, 2.0])), ramp(np.array([0.0]))])[:, 0]
    np.testing.assert_allclose(found, [1, 1, 1, 1, 1.25, 1.5, 1.75, 2, 1.5, 1, 0.5, 0])
