import dataclasses
import json
import os
from concurrent.futures.process import BrokenProcessPool

import pytest

from pipelines.data import shards
from pipelines.data.beam.worker import attempt
from pipelines.data.schema import SETTINGS_FILE
from pipelines.data.shards import Task
from pipelines.errors import UserError
from tests.data.conftest import make_shard, write_tone


class Here:
    """Decodes in this process."""

    def __init__(self, meanwhile=lambda: None):
        self.meanwhile = meanwhile

    def run(self, function, task):
        try:
            return function(task)
        except UserError as error:
            return error
        finally:
            self.meanwhile()


class Never:
    """Is not to be asked."""


class Dies:
    """Decodes a file that kills the decoder."""

    def run(self, function, task):
        return BrokenProcessPool("killed")


@pytest.fixture
def task(tmp_path, settings):
    write_tone(tmp_path / "songs/tone.wav", 440)
    (tmp_path / "out/band").mkdir(parents=True)
    (tmp_path / "out" / SETTINGS_FILE).write_text("{}")
    return Task.of(tmp_path / "songs/tone.wav", tmp_path / "songs", "band", tmp_path / "out", settings)


def _reason(task):
    return json.loads(task.path(shards.REASON_SUFFIX).read_text())["why"]


def test_two_attempts_at_once_do_not_meet(task, tmp_path):
    same, record = make_shard(task.source, "band", tmp_path / "other", task.settings)
    attempt(task, Here(meanwhile=lambda: attempt(task, Here())))
    assert task.finished() == record
    assert task.path(shards.SHARD_SUFFIX).read_bytes() == same.path(shards.SHARD_SUFFIX).read_bytes()
    assert sorted(os.listdir(tmp_path / "out/band")) == sorted(os.listdir(tmp_path / "other/band"))


def test_what_another_attempt_finished_is_left_alone(task):
    attempt(task, Here())
    attempt(task, Never())


def test_why_a_song_cannot_be_used(task):
    task.source.write_bytes(b"")
    attempt(task, Here())
    assert _reason(task).startswith("is empty")
    attempt(task, Dies())
    assert "the process that decoded it died" in _reason(task)
    assert task.finished() is None


def test_a_song_that_this_machine_does_not_see(task):
    attempt(dataclasses.replace(task, source=task.source.with_name("gone.wav")), Never())
    assert "put the songs on a disk that all workers share" in _reason(task)


def test_a_data_folder_that_this_machine_does_not_see(task):
    (task.folder / SETTINGS_FILE).unlink()
    with pytest.raises(UserError, match="choose an --out on a disk that all workers share"):
        attempt(task, Never())
