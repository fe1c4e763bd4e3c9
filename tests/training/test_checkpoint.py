"""Tests of checkpoints: their contents and files, how many are kept, and recovery from damaged ones."""

import errno
import os

import keras
import numpy as np
import pytest
import tensorflow as tf

from pipelines.errors import UserError
from pipelines.training.callbacks.checkpoint import (
    Checkpoint,
    all_finite,
    newest_step,
    saved_steps,
    sweep,
    write_files,
)
from tests.training import fakes

SHARD = "data-00000-of-00001"


def callback(folder, model=None, **options):
    """Callback of a compiled model."""
    model = model or fakes.TinyModel()
    model.compile()
    checkpoint = Checkpoint(folder, 1, **options)
    checkpoint.set_model(model)
    return checkpoint


def saved(folder, steps):
    """Checkpoints at the given steps; the pool holds the step's number."""
    checkpoint = callback(folder, keep=2)
    for step in steps:
        checkpoint.model.step.assign(step)
        checkpoint.model.pool.assign(tf.fill(checkpoint.model.pool.shape, float(step)))
        checkpoint.save()


def test_only_the_newest_are_kept(tmp_path):
    saved(tmp_path, [1, 2, 3])
    assert sorted(path.stem for path in tmp_path.glob("*.index")) == ["step-2", "step-3"]
    assert callback(tmp_path).last_step == 3


def test_nothing_saved_is_nothing_restored(tmp_path):
    assert callback(tmp_path / "none").restore() is None


@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
@pytest.mark.parametrize("how", ["cut", "zeroed", "gone"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path, suffix, how, capfd):
    saved(tmp_path, [4, 5])
    path = tmp_path / f"step-5{suffix}"
    size = path.stat().st_size
    path.unlink() if how == "gone" else path.write_bytes(
        path.read_bytes()[: size // 2] if how == "cut" else bytes(size)
    )
    model = fakes.TinyModel()
    assert callback(tmp_path, model).restore() == 4
    assert np.all(model.pool.numpy() == 4)
    # Without its index it was never finished.
    assert ("step-5 is damaged: going back" in capfd.readouterr().err) == (
        (suffix, how) != (".index", "gone")
    )


def test_no_readable_checkpoint(tmp_path):
    saved(tmp_path, [5])
    (tmp_path / "step-5.index").write_bytes(b"")
    with pytest.raises(UserError, match=r"no checkpoint in .* can be read"):
        callback(tmp_path).restore()


def test_a_kill_in_the_first_checkpoint_leaves_a_start_at_step_0(tmp_path, capfd):
    saved(tmp_path, [5])
    (tmp_path / "step-5.index").unlink()
    assert callback(tmp_path).restore() is None
    assert "damaged" not in capfd.readouterr().err


def test_leftovers_of_a_kill_are_removed(tmp_path):
    saved(tmp_path, [5])
    leftover = tmp_path / "step-6.data-00000-of-00001.tempstate123"
    leftover.write_bytes(b"half")
    assert callback(tmp_path).restore() == 5
    assert not leftover.exists()


def test_a_checkpoint_of_another_model(tmp_path):
    saved(tmp_path, [5])
    model = fakes.TinyModel()
    model.extra = keras.layers.Dense(2)
    model.extra.build((None, 3))
    with pytest.raises(UserError, match="a model with other variables"):
        callback(tmp_path, model).restore()


def test_finite_or_not():
    model = fakes.TinyModel()
    assert all_finite(model)
    model.pool.assign(model.pool + np.inf)
    assert not all_finite(model)


def test_going_back_does_not_lose_what_follows(tmp_path):
    saved(tmp_path, [4, 5])
    (tmp_path / "step-5.index").unlink()
    model = fakes.TinyModel()
    checkpoint = callback(tmp_path, model, keep=1)
    assert (checkpoint.restore(), checkpoint.last_step) == (4, 4)
    model.step.assign(6)
    checkpoint.save()
    assert {path.name for path in tmp_path.iterdir()} == {"step-6.data-00000-of-00001", "step-6.index"}


def test_too_little_memory_to_read_one_is_no_damage(tmp_path, monkeypatch):
    saved(tmp_path, [5])
    checkpoint = callback(tmp_path)

    def exhausted(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    monkeypatch.setattr(tf.train.Checkpoint, "read", exhausted)
    with pytest.raises(tf.errors.ResourceExhaustedError):
        checkpoint.restore()


@pytest.mark.parametrize("name", ["run [1]", "a*", "a\\b", os.fsdecode(b"caf\xe9")], ids=ascii)
def test_a_folder_of_any_name(tmp_path, name):
    folder = tmp_path / name / "checkpoints"
    saved(folder, [1, 2, 3])
    model = fakes.TinyModel()
    assert callback(folder, model).restore() == 3
    assert np.all(model.pool.numpy() == 3)


def files(folder, step, *endings):
    for ending in endings or ("index", SHARD):
        (folder / f"step-{step}.{ending}").touch()


def write(folder, step, keep=2):
    write_files(folder, step, lambda draft: files(draft, step), keep)


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_they_are_found_by_what_is_there(tmp_path):
    assert newest_step(tmp_path / "none") is None
    files(tmp_path, 9)
    files(tmp_path, 10, "index", "data-00000-of-00002", "data-00001-of-00002")
    files(tmp_path, 11, "index", "data-00000-of-00002")
    files(tmp_path, 12, "index")
    files(tmp_path, 13, SHARD)
    for other in ("checkpoint", "step-14.indexed", "step-.index", "step-15.data-00000-of-00001.tempstate1"):
        (tmp_path / other).touch()
    assert newest_step(tmp_path) == 10
    assert saved_steps(tmp_path) == [9, 10, 11, 12]


def test_the_newest_whole_ones_stay(tmp_path):
    for step in (1, 2, 10):
        write(tmp_path, step)
    files(tmp_path, 3, SHARD)  # half of one, by a kill
    sweep(tmp_path)
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
    assert saved_steps(tmp_path) == [5, 8, 9]
    write(tmp_path, 9, keep=1)
    assert saved_steps(tmp_path) == [9]


def test_what_fails_leaves_nothing_behind(tmp_path):
    write(tmp_path, 1)

    def fails(draft):
        files(draft, 2)
        (draft / "step-2_temp").mkdir()
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_files(tmp_path, 2, fails, keep=1)
    assert names(tmp_path) == {"step-1.index", f"step-1.{SHARD}"}


def test_a_kill_leaves_the_earlier_ones_and_what_is_swept(tmp_path):
    write(tmp_path, 1)
    (tmp_path / ".new").mkdir()
    files(tmp_path / ".new", 2)
    assert saved_steps(tmp_path) == [1]
    (tmp_path / "step-2.data-00000-of-00001.tempstate123").touch()
    (tmp_path / "step-2_temp").mkdir()
    (tmp_path / "step-2_temp" / "part").touch()
    sweep(tmp_path)
    assert names(tmp_path) == {"step-1.index", f"step-1.{SHARD}"}
