"""Streamed mixing of a translated accompaniment with the voice, without a model."""

import functools
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest

from pipelines.audio.arrays.stereo_width import with_stereo_width
from pipelines.audio.streams import Signal, array_blocks, block_size
from pipelines.inference import gain
from pipelines.nn.dials import DIALS, Dials
from pipelines.serving.cover_mixer import CoverMixer
from pipelines.serving.sample_file import SampleFile
from pipelines.serving.stem_splitter import SongParts
from pipelines.stems.files import Role
from pipelines.stems.parts import SplitSong
from tests.stems.songs import RATE, accompaniment, voice

SECONDS = 24.0
WINDOW = 3 * RATE
HOP = 256


def loudness(samples: np.ndarray) -> float:
    return pyloudnorm.Meter(RATE).integrated_loudness(samples)


def sample_file(path: Path, samples: np.ndarray) -> SampleFile:
    samples.astype("<f4").tofile(path)
    return SampleFile(path, len(samples), samples.shape[1], RATE, loudness(samples))


@pytest.fixture(scope="module")
def singer() -> np.ndarray:
    return 0.3 * voice(SECONDS)


@pytest.fixture(scope="module")
def rest() -> np.ndarray:
    """An accompaniment that is half as loud in its second half."""
    music = 0.3 * accompaniment(SECONDS)
    music[len(music) // 2 :] *= 0.5
    return music


@pytest.fixture(scope="module")
def parts(singer: np.ndarray, rest: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> SongParts:
    folder = tmp_path_factory.mktemp("samples")
    return SongParts(sample_file(folder / "song", singer + rest), sample_file(folder / "rest", rest))


def mixed(
    parts: SongParts, translation: np.ndarray, dials: Dials = DIALS, vocals_level: float = 0.0
) -> np.ndarray:
    """Cover of a translation that comes in windows."""
    mixer = CoverMixer(parts, HOP, dials, vocals_level)
    windows = [translation[first : first + WINDOW] for first in range(0, len(translation), WINDOW)]
    return np.concatenate([*(mixer.add(window) for window in windows), mixer.finish()])


def fitted(cover: np.ndarray, *signals: np.ndarray) -> np.ndarray:
    """Least-squares gains of signals in a cover."""
    columns = np.stack([signal.ravel() for signal in signals], axis=1)
    return np.linalg.lstsq(columns, cover.ravel(), rcond=None)[0]


def test_an_identity_at_any_loudness_gives_the_song(parts: SongParts, rest: np.ndarray):
    np.testing.assert_allclose(mixed(parts, 3.0 * rest), parts.song.mapped(), atol=1e-4)


def test_at_strength_0_it_is_the_song_whatever_its_peaks(
    singer: np.ndarray, rest: np.ndarray, tmp_path: Path
):
    song, rest = 16 * (singer + rest), 16 * rest
    parts = SongParts(sample_file(tmp_path / "song", song), sample_file(tmp_path / "rest", rest))
    # A worker translates at the training loudness.
    factor = gain.loudness_gain(parts.accompaniment.loudness, gain.training_loudness(2))
    np.testing.assert_allclose(mixed(parts, factor * rest, Dials(0.0)), song, atol=1e-4)
    raised = mixed(parts, factor * rest, Dials(0.0), 6.0)
    assert np.abs(song).max() > 1.0
    assert np.abs(raised).max() <= 10 ** (-1 / 20)


def test_the_balance_is_that_of_the_song(parts: SongParts, singer: np.ndarray):
    """Of the stream's windows, and of the whole song beside `SplitSong.mix`, which knows all of it."""
    level = np.repeat([1.0, 1.4, 0.8, 1.1, 0.5, 0.6, 0.5, 0.45], WINDOW)[:, None]  # a band of other dynamics
    generator = np.random.default_rng(4)
    translation = (0.2 * level * generator.standard_normal((len(level), 2))).astype(np.float32)
    pair = parts.accompaniment.mapped(), translation
    translation = np.concatenate(list(with_stereo_width([pair], HOP)))  # as wide as the mixer makes it
    cover = mixed(parts, translation)
    assert loudness(cover) == pytest.approx(parts.song.loudness, abs=0.3)

    song = Signal("song", parts.song.blocks)
    stem = Signal("stem", parts.accompaniment.blocks)
    split = SplitSong(song, stem, Role.INSTRUMENTAL, RATE)
    stream = functools.partial(array_blocks, translation, block_size(RATE))
    whole = np.concatenate(list(split.mix(stream, 0.0)()))
    of_voice, of_rest = fitted(cover, singer, translation)
    voice_in_whole, rest_in_whole = fitted(whole, singer, translation)
    difference = 20 * np.log10(of_rest / of_voice * voice_in_whole / rest_in_whole)
    assert abs(difference) < 0.5, difference
    # The last window, when the gain has converged.
    last = slice(-2 * RATE, None)
    of_voice, of_rest = fitted(cover[last], singer[last], translation[last])
    assert 20 * np.log10(of_rest / of_voice / rest_in_whole) == pytest.approx(0.0, abs=0.3)


@pytest.mark.parametrize("level", [-60.0, 6.0])
def test_the_level_of_the_voice(parts: SongParts, singer: np.ndarray, rest: np.ndarray, level: float):
    of_voice, of_rest = fitted(mixed(parts, 2.0 * rest, vocals_level=level), singer, rest)
    assert of_voice / of_rest == pytest.approx(10 ** (level / 20), rel=0.03, abs=0.003)


def test_a_voice_before_its_accompaniment_is_not_changed(
    singer: np.ndarray, rest: np.ndarray, tmp_path: Path
):
    """The translation of silence has no loudness yet: noise stays at its level."""
    rest = rest.copy()
    rest[:WINDOW] = 0.0
    parts = SongParts(sample_file(tmp_path / "song", singer + rest), sample_file(tmp_path / "rest", rest))
    np.testing.assert_allclose(mixed(parts, 0.5 * rest)[:WINDOW], singer[:WINDOW], atol=1e-3)


def test_a_song_without_a_stem(rest: np.ndarray, tmp_path: Path):
    song = sample_file(tmp_path / "song", rest)
    np.testing.assert_allclose(mixed(SongParts(song, song), 4.0 * rest), rest, atol=1e-4)
