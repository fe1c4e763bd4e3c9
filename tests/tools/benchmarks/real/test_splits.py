from pathlib import Path

import pytest

from tools.benchmarks.real import splits
from tools.benchmarks.real.songs import Song


def _songs(**counts):
    return [
        Song(package, "1", f"{index}.ogg", "", "", "", 60.0 + index, Path())
        for package, count in counts.items()
        for index in range(count)
    ]


CONTENT = _songs(wesnoth=30, hyperrogue=14, fillets=11, asc=3)


@pytest.mark.parametrize(
    ("songs", "train", "valid", "test"),
    [(1, 1, 0, 0), (3, 3, 0, 0), (4, 2, 1, 1), (8, 4, 2, 2), (12, 7, 2, 3), (16, 11, 2, 3), (100, 95, 2, 3)],
)
def test_sizes(songs, train, valid, test):
    found = splits.split(_songs(band=songs), splits.BAND_SIZES, 0)
    assert {name: len(each) for name, each in found.items()} == {"train": train, "valid": valid, "test": test}


@pytest.mark.parametrize("seed", range(5))
def test_every_song_is_in_one_split_and_every_package_is_held_out(seed):
    found = splits.split(CONTENT, splits.CONTENT_SIZES, seed)
    assert sorted(repr(song) for each in found.values() for song in each) == sorted(map(repr, CONTENT))
    assert (len(found["test"]), len(found["valid"])) == (8, 4)
    packages = {song.package for song in CONTENT}
    assert {song.package for song in found["test"]} == {song.package for song in found["valid"]} == packages


def test_the_seed_decides_and_the_order_does_not():
    first = splits.split(CONTENT, splits.CONTENT_SIZES, 0)
    assert splits.split(CONTENT[::-1], splits.CONTENT_SIZES, 0) == first
    assert splits.split(CONTENT, splits.CONTENT_SIZES, 1)["test"] != first["test"]


def test_a_missing_song_moves_few_others():
    before = splits.split(CONTENT, splits.CONTENT_SIZES, 0)
    missing = before["test"][0]
    after = splits.split([song for song in CONTENT if song != missing], splits.CONTENT_SIZES, 0)
    assert len(set(before["test"]) & set(after["test"])) >= 6


@pytest.mark.parametrize("minutes", [10, 20, 40])
def test_shortened_songs_have_about_the_wanted_length(minutes):
    chosen = splits.shortened(CONTENT, minutes, 0)
    assert sum(song.seconds for song in chosen) / 60 == pytest.approx(
        minutes, abs=0.75
    )  # half of the longest song
    assert {song.package for song in chosen} == {song.package for song in CONTENT}


def test_few_songs_are_all_chosen():
    assert len(splits.shortened(_songs(band=2), 20, 0)) == 2
