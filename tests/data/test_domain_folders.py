"""Tests of the two song folders: their contents, and paths that lead to neither songs nor data."""

import pytest

from pipelines.data import domain_folders
from pipelines.data.loader import open_corpus
from pipelines.errors import UserError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder in which names are looked up, with a song of each domain in folders of their own."""
    for name in ("both/content/a.wav", "both/band/b.wav"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_songs_and_other_files_of_each_domain(folder):
    (folder / "both/band/cover.jpg").touch()
    found = domain_folders.find(domain_folders.parse_pair("both/content,both/band"))
    assert {name: [each.name(song) for song in each.songs] for name, each in found.items()} == {
        "content": ["a.wav"],
        "band": ["b.wav"],
    }
    assert list(domain_folders.ignored_files(found)) == ["ignored in band: pictures: 1 (cover.jpg)"]


def test_a_song_stands_for_a_folder(folder):
    found = domain_folders.find(domain_folders.parse_pair("both/content/a.wav,both/band"))
    assert found["content"].name(found["content"].songs[0]) == "a.wav"


@pytest.mark.parametrize(
    ("there", "data", "pair"),
    [
        (["a, b", "c"], "a, b,c", ["a, b", "c"]),
        (["a", "b, c"], "a,b, c", ["a", "b, c"]),
        (["a", "b"], "a,b", ["a", "b"]),
        (["a"], "a,b,c", ["a", "b,c"]),
    ],
)
def test_the_comma_between_two_paths_that_exist(folder, there, data, pair):
    for name in there:
        (folder / name).mkdir()
    assert list(map(str, domain_folders.parse_pair(data).values())) == pair


def test_ambiguous_commas(folder):
    for name in ("a", "b,c", "a,b", "c"):
        (folder / name).mkdir()
    with pytest.raises(UserError, match="--data a,b,c can mean a and b,c or a,b and c: rename one of them"):
        domain_folders.parse_pair("a,b,c")


def test_the_home_folder_on_both_sides(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    assert [path.exists() for path in domain_folders.parse_pair("~/both/content,~/both/band").values()] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("bth", "bth does not exist: did you mean 'both'?"),
        ("both", "both holds two folders of songs: name them, --data both/content,both/band"),
        ("both/band", "both/band holds songs (b.wav): prepare them with `coverband prepare`"),
        ("both,both/band", "both/band lies inside both, and they must share no song: name"),
        ("both/content,both/band ", "both/band  does not exist: did you mean 'both/band'?"),
        ("both/content,both/content", "are the same folder"),
        ("both/content,data", "data is a data folder that `coverband prepare` wrote: name a folder of songs"),
        ("both/content,link", "both/content/a.wav and link/x.wav are the same file"),
    ],
)
def test_error_messages(folder, data, message):
    (folder / "data").mkdir()
    (folder / "data" / "manifest.json").touch()
    (folder / "link").mkdir()
    (folder / "link" / "x.wav").symlink_to("../both/content/a.wav")
    with pytest.raises(UserError) as error:
        open_corpus(data)
    assert message in str(error.value)
    assert "such as both/content" in str(error.value) or data != "both,both/band"
