import os
from pathlib import Path

import pytest

from pipelines.audio.song_files import SongFiles, abbreviated, find_songs, require_songs
from pipelines.errors import UserError

LATIN = os.fsdecode(b"Bj\xf6rk.wav")
SONGS = [
    "...And Justice for All/01.mp3",
    ".hidden song.mp3",
    "A [live] #1 100%.flac",
    "Caf\N{LATIN SMALL LETTER E WITH ACUTE}.ogg",
    "Cafe\N{COMBINING ACUTE ACCENT}.ogg",
    "b.M4A",
    "n" * 246 + ".wav",
    "one/too/deep/c.opus",
    "rock \N{GUITAR}.wma",
    "trailing.mp3 ",
    LATIN,
]
OTHERS = {
    "archives": ("live.zip",),
    "files without an ending": ("README",),
    "other files": ("x.tfrecord",),
    "pictures": ("Folder.JPG", "one/back.png"),
    "playlists": ("all.m3u", "one/disc.cue"),
}
JUNK = [
    *("._b.M4A", ".DS_Store", ".Trash-1000/gone.mp3", "__MACOSX/d.wav", "@eaDir/e.mp3", ".cover.wav.part"),
    ".git/f.wav",
]


def tree(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"some")
    return folder


def names(folder: Path) -> list[str]:
    found = find_songs(folder)
    return [found.name(song) for song in found.songs]


def test_songs_and_kinds_of_other_files(tmp_path):
    found = find_songs(tree(tmp_path, *SONGS, *JUNK, *(name for each in OTHERS.values() for name in each)))
    assert [found.name(song) for song in found.songs] == sorted(SONGS, key=Path)
    assert found.ignored == OTHERS
    assert found.ignored_summary().startswith("pictures: 2 (Folder.JPG, one/back.png); playlists: 2 (")


def test_a_file_with_any_suffix_stands_for_a_folder(tmp_path):
    song = tree(tmp_path, "a/song") / "a" / "song"
    assert find_songs(song) == SongFiles(tmp_path / "a", (song,), {})
    assert names(song) == ["song"]


def test_links_are_followed_and_real_files_are_found_once(tmp_path):
    folder = tree(tmp_path / "songs", "z/real.mp3", "plain.wav")
    tree(tmp_path / "elsewhere", "album/one.mp3", "two.flac")
    for name, target in {
        "a": "z",  # sorts before the folder itself, whose name counts
        "album": tmp_path / "elsewhere" / "album",
        "album again": tmp_path / "elsewhere" / "album",
        "two.flac": tmp_path / "elsewhere" / "two.flac",
        "nowhere.mp3": "gone.mp3",
        "z/parent": "..",
        "self": "self",
    }.items():
        (folder / name).symlink_to(target)
    assert names(folder) == ["album/one.mp3", "plain.wav", "two.flac", "z/real.mp3"]
    assert find_songs(folder).ignored == {
        "links that lead nowhere": ("nowhere.mp3", "self"),
        "links to what is found already": ("a", "album again", "z/parent"),
    }
    (tmp_path / "link").symlink_to(folder)
    assert names(tmp_path / "link") == names(folder)


@pytest.mark.parametrize(
    ("there", "message"),
    [
        ([], "songs is an empty folder: put songs there, or name another with --band"),
        (["a.zip", "b.txt"], r"songs holds no songs, but a\.zip: unpack them there first"),
        (["a.txt"], r"songs holds no songs, only texts: 1 \(a\.txt\): name a folder of songs with --band"),
        (["a.m4p"], r"holds no songs but copy-protected ones \(a\.m4p\)"),
    ],
)
def test_the_error_for_a_folder_without_songs_lists_its_files(tmp_path, there, message):
    (tmp_path / "songs").mkdir()
    tree(tmp_path / "songs", *there)
    with pytest.raises(UserError, match=message):
        require_songs(tmp_path / "songs", "with --band")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("My Songs ", "My Songs  does not exist: did you mean '.*/My Songs'"),
        ("My Son/live", "did you mean '.*/My Songs'"),
        ("other", "other does not exist: check the name"),
        ("file.wav/songs", "cannot be opened"),
    ],
)
def test_a_missing_folder(tmp_path, name, message):
    tree(tmp_path, "My Songs/a.wav", "file.wav")
    with pytest.raises(UserError, match=message):
        find_songs(tmp_path / name)


def test_a_folder_that_cannot_be_opened(tmp_path, monkeypatch):
    tree(tmp_path, "a.wav", "closed/b.wav")
    scan = os.scandir

    def refuse(folder):
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    assert names(tmp_path) == ["a.wav"]
    assert find_songs(tmp_path).ignored == {"folders that cannot be opened": ("closed",)}
    with pytest.raises(UserError, match=r"closed cannot be opened \(Permission denied\)"):
        find_songs(tmp_path / "closed")


def test_abbreviated():
    assert abbreviated(["a"]) == "a"
    assert abbreviated(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
