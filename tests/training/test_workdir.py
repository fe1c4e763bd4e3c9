"""A run's folder keeps two runs apart."""

import dataclasses
import errno
import subprocess
import sys

import pytest

from pipelines import outputs
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.training.workdir import RunRecord, Workdir

SPEC = AudioSpec()
RECORD = RunRecord("tiny", "base", 3, {"steps": 5, "data": {"frames": 64}})


@pytest.fixture
def workdir(tmp_path):
    folder = Workdir(tmp_path / "deep" / "run")
    folder.start(RECORD, SPEC)
    return folder


def test_what_was_started_can_be_read_again(workdir):
    assert workdir.record() == RECORD
    assert AudioSpec.load(workdir.path) == SPEC
    workdir.require_same(RECORD, SPEC, "data")


def test_a_second_start_is_refused(workdir):
    with pytest.raises(UserError, match="already holds a run: add --resume"):
        workdir.start(RECORD, SPEC)


def test_a_full_disk_leaves_a_folder_in_which_a_run_can_start(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    workdir = Workdir(tmp_path / "run")
    with monkeypatch.context() as patched:
        patched.setattr(outputs.os, "replace", full)
        with pytest.raises(
            UserError, match=r"run cannot be written \(No space .*\): free some space, or name"
        ):
            workdir.start(RECORD, SPEC)
    assert not list(workdir.path.iterdir())
    (workdir.path / ".coverband-12.part").touch()  # a kill's
    workdir.start(RECORD, SPEC)
    assert workdir.record() == RECORD


def test_a_full_disk_under_a_run_leaves_its_record_and_no_draft(workdir, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    before = {path.name for path in workdir.path.iterdir()}
    monkeypatch.setattr(outputs.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        workdir.write(dataclasses.replace(RECORD, seed=8))
    assert {path.name for path in workdir.path.iterdir()} == before
    assert workdir.record() == RECORD


def test_a_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "song.mp3").touch()
    with pytest.raises(UserError, match="not empty and holds no run"):
        Workdir(tmp_path).start(RECORD, SPEC)


def test_a_file_in_its_place_is_refused(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(UserError, match=r"run cannot be written \("), Workdir(tmp_path / "run").locked():
        pass


def test_nothing_to_resume(tmp_path):
    with pytest.raises(UserError, match="holds no run to resume"):
        Workdir(tmp_path).record()


def test_a_damaged_record(workdir):
    workdir.config.write_text("{")
    with pytest.raises(UserError, match=r"config\.json is damaged"):
        workdir.record()


def test_other_settings_are_named(workdir):
    other = dataclasses.replace(RECORD, seed=4, config={"steps": 5, "data": {"frames": 32}, "new": 1})
    with pytest.raises(
        UserError, match=r"seed 3 against 4, data\.frames 64 against 32, new nothing against 1"
    ):
        workdir.require_same(other, SPEC, "data")


def test_another_spec_is_named(workdir):
    with pytest.raises(UserError, match="hop_length 512 against 256"):
        workdir.require_same(RECORD, dataclasses.replace(SPEC, hop_length=256), "data")


def test_one_process_at_a_time(workdir):
    code = (
        "import sys; from pathlib import Path; from pipelines.training.workdir import Workdir\n"
        f"with Workdir(Path({str(workdir.path)!r})).locked():\n"
        "    print('locked', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(UserError, match=f"another process \\(pid {other.pid}\\)"), workdir.locked():
            pass
        other.kill()
    with workdir.locked():
        pass


def test_the_lock_alone_does_not_make_a_run(tmp_path):
    folder = Workdir(tmp_path / "run")
    with folder.locked():
        folder.start(RECORD, SPEC)
    assert folder.record() == RECORD
