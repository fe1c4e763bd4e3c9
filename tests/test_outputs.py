import os
from pathlib import Path

import pytest

from pipelines import outputs
from pipelines.errors import UserError


def test_atomic_replacement(tmp_path):
    path = tmp_path / ("n" * 255)
    with outputs.whole(path) as unfinished:
        unfinished.write_text("new")
    with pytest.raises(OSError, match="full"), outputs.whole(path) as unfinished:  # noqa: PT012
        unfinished.write_text("half")
        raise OSError("full")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_removed_in_subfolders_too(tmp_path):
    kept = [tmp_path / "a.wav", tmp_path / "deep" / ".coverband.wav"]
    for path in (
        *kept,
        outputs.temporary(tmp_path / "a.wav"),
        outputs.temporary(tmp_path / "deep" / "b.wav"),
    ):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    outputs.remove_unfinished(tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == kept
    outputs.remove_unfinished(tmp_path / "no such folder")


def test_names_have_a_legal_length():
    assert outputs.file_name("a", ".wav") == "a.wav"
    assert outputs.file_name("é" * 126, ".wav") == "é" * 125 + ".wav"
    assert len(os.fsencode(outputs.file_name(os.fsdecode(b"\xf6" * 255), ".1.00.wav"))) == 255


def test_results_keep_the_suffix_of_their_song_where_two_would_have_one_name():
    songs = [Path(name) for name in ("a.m4a", "a.opus", "deep/a.m4a", "b.FLAC", "b.m4a")]
    names = outputs.result_names(songs, ".wav", kept=(".flac",))
    assert [str(name) for name in names] == ["a.m4a.wav", "a.opus.wav", "deep/a.wav", "b.FLAC", "b.wav"]


def test_folders_that_can_be_written_to(tmp_path, monkeypatch):
    outputs.require_writable(tmp_path / "made" / "later", "--output")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file is no folder: name another with --output"):
        outputs.require_writable(tmp_path / "file" / "deeper", "--output")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(UserError, match="cannot be written to"):
        outputs.require_writable(tmp_path / "made", "--output")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("A/Song No. 1.mp3", "a-song-no-1"), ("???.wav", "song"), ("../x.wav", "x"), ("é" * 300 + "b.ogg", "b")],
)
def test_slug(name, expected):
    assert outputs.slug(name) == expected


def test_digests_distinguish_names_that_are_not_utf8():
    latin = os.fsdecode(b"Bj\xf6rk.wav")
    assert outputs.digest(latin) == outputs.digest(latin) != outputs.digest("Bj?rk.wav")
    assert len(outputs.digest(latin, 1)) == 8
