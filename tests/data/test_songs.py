import os

import pytest

from pipelines.data.augmented_copies import Variety
from pipelines.data.songs import digest, slug, split

NAMES = [f"{index}.wav" for index in range(100)]


@pytest.mark.parametrize(
    ("songs", "train", "valid", "test"),
    [(1, 1, 0, 0), (2, 1, 1, 0), (3, 2, 1, 0), (10, 8, 1, 1), (21, 17, 2, 2), (100, 80, 10, 10)],
)
def test_shares(songs, train, valid, test):
    splits = list(split(NAMES[:songs]).values())
    assert [splits.count(name) for name in ("train", "valid", "test")] == [train, valid, test]


def test_does_not_depend_on_the_order_and_is_not_alphabetical():
    assert split(NAMES) == split(NAMES[::-1])
    valid = {name for name, where in split(NAMES).items() if where == "valid"}
    assert valid != set(sorted(NAMES)[:10])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("A/Song No. 1.mp3", "a-song-no-1"), ("???.wav", "song"), ("../x.wav", "x"), ("é" * 300 + "b.ogg", "b")],
)
def test_slug(name, expected):
    assert slug(name) == expected


def test_names_that_are_no_text_are_split_and_varied_as_others():
    latin = os.fsdecode(b"Bj\xf6rk.wav")
    assert list(split([latin, "Bj?rk.wav", "Björk.wav"]).values()).count("valid") == 1
    assert digest(latin) != digest("Bj?rk.wav")
    assert Variety(2).of(latin) != Variety(2).of("Björk.wav")
