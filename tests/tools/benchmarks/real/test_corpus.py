import os

import pytest

from pipelines import outputs
from pipelines.errors import UserError
from tools.benchmarks.real import corpus
from tools.benchmarks.real.songs import Song


@pytest.fixture
def songs(tmp_path):
    """Songs of both domains, files with their names as content."""
    found = {}
    for domain, count in (("content", 60), ("band", 14)):
        found[domain] = []
        for index in range(count):
            path = tmp_path / "cache" / domain / f"Lied ä, {index}.ogg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(path.name)
            found[domain].append(Song(f"{domain}-music", "1", path.name, "a, b", 't "1"', "L", 240.0, path))
    return found


def _tree(out):
    return {path.relative_to(out).as_posix(): path.read_text() for path in out.rglob("*") if path.is_file()}


def _songs_in(out):
    return {name for name in _tree(out) if name.startswith(("content/", "band/"))}


def test_a_second_run_changes_nothing(songs, tmp_path):
    entries = corpus.choose(songs, "full", 0)
    corpus.write(entries, tmp_path / "out")
    first, stats = _tree(tmp_path / "out"), (tmp_path / "out" / entries[0].file).stat()
    corpus.write(corpus.choose(songs, "full", 0), tmp_path / "out")
    assert _tree(tmp_path / "out") == first
    assert (tmp_path / "out" / entries[0].file).stat() == stats
    assert len(_songs_in(tmp_path / "out")) == 74
    assert first["songs.csv"].splitlines()[1].startswith('"band/test/band-music/Lied ä, ')


def test_small_has_the_held_out_songs_of_full_and_fewer_to_train_on(songs):
    small, full = (corpus.choose(songs, size, 0) for size in ("small", "full"))
    held_out = [{entry for entry in each if entry.split != "train"} for each in (small, full)]
    assert held_out[0] == held_out[1]
    counts = [
        sum(entry.split == "train" and entry.domain == domain for entry in small)
        for domain in ("content", "band")
    ]
    assert counts == [10, 5]  # songs of four minutes
    assert set(small) < set(full)


def test_another_size_replaces_the_songs(songs, tmp_path):
    out = tmp_path / "out"
    corpus.write(corpus.choose(songs, "full", 0), out)
    small = corpus.choose(songs, "small", 0)
    corpus.write(small, out)
    assert _songs_in(out) == {entry.file for entry in small}
    assert len((out / "songs.csv").read_text().splitlines()) == 1 + len(small)


def test_other_files_are_not_removed(songs, tmp_path):
    out = tmp_path / "out"
    mine = out / "band" / "my song.ogg"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(UserError, match=r"my song\.ogg is no song of an earlier corpus: move it away"):
        corpus.write(corpus.choose(songs, "small", 0), out)
    assert _songs_in(out) == {"band/my song.ogg"}


@pytest.mark.parametrize("links", [0, 3])
def test_a_killed_run_can_be_followed_by_one_of_another_size(songs, tmp_path, monkeypatch, links):
    out = tmp_path / "out"
    corpus.write(corpus.choose(songs, "small", 0), out)

    class KilledError(Exception):
        pass

    make = corpus._link
    left = iter(range(links))

    def killed(song, path):
        if next(left, None) is None:
            raise KilledError
        make(song, path)

    with monkeypatch.context() as patch:
        patch.setattr(corpus, "_link", killed)
        with pytest.raises(KilledError):
            corpus.write(corpus.choose(songs, "full", 1), out)
    outputs.temporary(out / "band/train/band-music/song.ogg").write_text("half")
    entries = corpus.choose(songs, "small", 2)
    corpus.write(entries, out)
    assert _songs_in(out) == {entry.file for entry in entries}


def test_a_symbolic_link_where_a_hard_one_is_impossible(songs, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("another file system")

    monkeypatch.setattr(os, "link", fail)
    entries = corpus.choose(songs, "small", 0)
    monkeypatch.chdir(tmp_path)
    corpus.write(entries, tmp_path / "out")
    link = tmp_path / "out" / entries[0].file
    assert link.is_symlink()
    assert link.read_text() == entries[0].song.name
    corpus.write(entries, tmp_path / "out")
    assert _songs_in(tmp_path / "out") == {entry.file for entry in entries}
