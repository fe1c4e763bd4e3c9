"""Checkpoints are found by their files, and none goes before a newer whole one is there."""

import errno

import pytest

from pipelines.training import checkpoint_files

SHARD = "data-00000-of-00001"


def files(folder, step, *endings):
    for ending in endings or ("index", SHARD):
        (folder / f"step-{step}.{ending}").touch()


def write(folder, step, keep=2):
    checkpoint_files.write(folder, step, lambda draft: files(draft, step), keep)


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_they_are_found_by_what_is_there(tmp_path):
    assert checkpoint_files.newest(tmp_path / "none") is None
    files(tmp_path, 9)
    files(tmp_path, 10, "index", "data-00000-of-00002", "data-00001-of-00002")
    files(tmp_path, 11, "index", "data-00000-of-00002")
    files(tmp_path, 12, "index")
    files(tmp_path, 13, SHARD)
    for other in ("checkpoint", "step-14.indexed", "step-.index", "step-15.data-00000-of-00001.tempstate1"):
        (tmp_path / other).touch()
    assert checkpoint_files.newest(tmp_path) == 10
    assert checkpoint_files.steps(tmp_path) == [9, 10, 11, 12]


def test_the_newest_whole_ones_stay(tmp_path):
    for step in (1, 2, 10):
        write(tmp_path, step)
    files(tmp_path, 3, SHARD)  # half of one, by a kill
    checkpoint_files.sweep(tmp_path)
    assert f"step-3.{SHARD}" in names(tmp_path)
    write(tmp_path, 20)
    assert names(tmp_path) == {f"step-{step}.{ending}" for step in (10, 20) for ending in ("index", SHARD)}


def test_what_lacks_a_file_counts_for_none(tmp_path):
    files(tmp_path, 1)
    files(tmp_path, 2, "index")
    write(tmp_path, 3)
    assert names(tmp_path) == {f"step-{step}.{ending}" for step in (1, 3) for ending in ("index", SHARD)}


def test_newer_ones_that_could_not_be_read_stay_until_they_are_replaced(tmp_path):
    files(tmp_path, 8)
    files(tmp_path, 9)
    write(tmp_path, 5, keep=1)
    assert checkpoint_files.steps(tmp_path) == [5, 8, 9]
    write(tmp_path, 9, keep=1)
    assert checkpoint_files.steps(tmp_path) == [9]


def test_what_fails_leaves_nothing_behind(tmp_path):
    write(tmp_path, 1)

    def fails(draft):
        files(draft, 2)
        (draft / "step-2_temp").mkdir()
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        checkpoint_files.write(tmp_path, 2, fails, keep=1)
    assert names(tmp_path) == {"step-1.index", f"step-1.{SHARD}"}


def test_a_kill_leaves_the_earlier_ones_and_what_is_swept(tmp_path):
    write(tmp_path, 1)
    (tmp_path / ".new").mkdir()
    files(tmp_path / ".new", 2)
    assert checkpoint_files.steps(tmp_path) == [1]
    (tmp_path / "step-2.data-00000-of-00001.tempstate123").touch()
    (tmp_path / "step-2_temp").mkdir()
    (tmp_path / "step-2_temp" / "part").touch()
    checkpoint_files.sweep(tmp_path)
    assert names(tmp_path) == {"step-1.index", f"step-1.{SHARD}"}
