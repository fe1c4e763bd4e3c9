from pathlib import Path

import pytest

from coverband.studio.song_folder import SongFolder
from pipelines.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> SongFolder:
    return SongFolder(tmp_path / "songs", tmp_path / "removed")


def add(folder: SongFolder, name: str, content: bytes) -> None:
    with folder.unfinished(name) as path:
        path.write_bytes(content)


def test_the_same_name_gets_a_number_and_the_same_file_does_not(folder: SongFolder):
    assert folder.names() == []
    for content in (b"one", b"two", b"one"):
        add(folder, "a.mp3", content)
    assert folder.names() == ["a (2).mp3", "a.mp3"]
    assert (folder.songs / "a.mp3").read_bytes() == b"one"


def test_an_upload_that_fails_leaves_nothing(folder: SongFolder):
    def fail(name: str) -> None:
        with folder.unfinished(name) as path:
            path.write_bytes(b"half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail("a.mp3")
    assert list(folder.songs.iterdir()) == []


def test_removed_songs_come_back(folder: SongFolder):
    add(folder, "a.mp3", b"one")
    folder.remove("a.mp3")
    add(folder, "a.mp3", b"two")
    folder.remove("a.mp3")
    assert folder.names() == []
    assert folder.removed_names() == ["a (2).mp3", "a.mp3"]
    folder.restore("a (2).mp3")
    assert (folder.songs / "a (2).mp3").read_bytes() == b"two"


@pytest.mark.parametrize("name", ["../secret.mp3", "/etc/passwd", "", ".", "a.mp3/../../secret.mp3"])
def test_only_songs_of_the_folder_are_moved(folder: SongFolder, name: str):
    add(folder, "a.mp3", b"one")
    secret = folder.songs.parent / "secret.mp3"
    secret.write_bytes(b"secret")
    with pytest.raises(UserError, match="there is no song"):
        folder.remove(name)
    assert secret.exists()


def test_songs_of_another_folder_are_linked_and_it_stays_as_it_is(folder: SongFolder, tmp_path: Path):
    music = tmp_path / "music"
    for name in ("one/a.mp3", "two/a.mp3", "cover.jpg"):
        (music / name).parent.mkdir(parents=True, exist_ok=True)
        (music / name).write_text(name)
    assert folder.link(music) == 2
    assert folder.link(music) == 0
    assert folder.names() == ["a (2).mp3", "a.mp3"]
    folder.remove("a.mp3")
    assert (music / "one/a.mp3").read_text() == "one/a.mp3"


def test_copies_are_songs_of_their_own(folder: SongFolder, tmp_path: Path):
    music = tmp_path / "music"
    music.mkdir()
    (music / "a.mp3").write_bytes(b"one")
    assert (folder.copy(music), folder.copy(music)) == (1, 1)
    (music / "a.mp3").unlink()
    assert folder.names() == ["a.mp3"]
    assert (folder.songs / "a.mp3").read_bytes() == b"one"
    with pytest.raises(UserError, match="is an empty folder"):
        folder.copy(music)


def test_folders_that_cannot_be_linked(folder: SongFolder, tmp_path: Path):
    add(folder, "a.mp3", b"one")
    (tmp_path / "empty").mkdir()
    for path, words in (
        (tmp_path / "missing", "is no folder"),
        (Path("relative"), "give its whole path"),
        (tmp_path / "empty", "holds no songs"),
        (tmp_path, "contains the Studio's own songs"),
        (folder.songs, "contains the Studio's own songs"),
    ):
        with pytest.raises(UserError, match=words):
            folder.link(path)
