import numpy as np
import pytest

from pipelines.data.survey import duplicates
from pipelines.data.survey.landmarks import Landmarks
from pipelines.data.survey.measurement import measure
from tests.data.survey.sounds import RATE, music, write


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Matches of three songs and several degraded copies of the first one."""
    folder = tmp_path_factory.mktemp("songs")
    songs = [music(seed) for seed in range(3)]
    one = songs[0]
    paths = {
        "song": write(folder / "song.wav", one),
        "other": write(folder / "other.wav", songs[1]),
        "third": write(folder / "third.wav", songs[2]),
        "mp3": write(folder / "low.mp3", one, format="MP3", subtype="MPEG_LAYER_III", compression_level=0.9),
        "ogg": write(folder / "quiet.ogg", one * 0.05, format="OGG", subtype="VORBIS", compression_level=1.0),
        "slow": write(folder / "half.flac", one.reshape(-1, 2).mean(axis=1), RATE // 2),
        "part": write(
            folder / "part.wav", np.concatenate([np.zeros(1000, np.float32), one[4 * RATE : 9 * RATE]])
        ),
        "noisy": write(folder / "noisy.wav", one + 0.01 * np.random.default_rng(0).normal(size=len(one))),
    }
    names = list(paths)
    matches = duplicates.find([measure(path).landmarks for path in paths.values()])
    return {(names[match.first], names[match.second]): match for match in matches}


@pytest.mark.parametrize("copy", ["mp3", "ogg", "slow", "part", "noisy"])
def test_finds_the_same_recording(found, copy):
    assert found["song", copy].share > 2 * duplicates.MIN_SHARE


def test_different_songs_are_not_the_same(found):
    assert not [pair for pair in found if {"other", "third"} & set(pair)]


def test_the_offset_of_a_part_is_found(found):
    assert found["song", "part"].offset == pytest.approx(1000 / RATE - 4, abs=0.06)


def test_no_songs_and_songs_without_landmarks():
    nothing = Landmarks(np.zeros(0, np.uint32), np.zeros(0, np.uint32))
    assert duplicates.find([]) == []
    assert duplicates.find([nothing, nothing]) == []


def test_songs_with_common_landmarks_are_not_duplicates():
    """Forty songs with landmarks of one small vocabulary, and one copy."""
    random = np.random.default_rng(0)
    songs = [
        Landmarks(
            random.integers(0, 4000, 3000).astype(np.uint32),
            np.sort(random.integers(0, 8000, 3000)).astype(np.uint32),
        )
        for _ in range(40)
    ]
    songs.append(Landmarks(songs[7].hashes[::3], songs[7].times[::3] + np.uint32(25)))
    assert [(match.first, match.second) for match in duplicates.find(songs)] == [(7, 40)]
