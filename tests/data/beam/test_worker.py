import dataclasses
import json
import os
from concurrent.futures.process import BrokenProcessPool

import pytest

from pipelines.data import shards
from pipelines.data.beam.worker import prepare_song
from pipelines.data.schema import SETTINGS_FILE
from pipelines.data.shards import PreparationTask
from pipelines.errors import UserError
from tests.data.conftest import make_shard, write_tone


class InProcess:
    """Decoder in this process."""

    def __init__(self, meanwhile=lambda: None):
        self.meanwhile = meanwhile

    def run(self, function, task):
        try:
            return function(task)
        except UserError as error:
            return error
        finally:
            self.meanwhile()


class Unused:
    """Decoder that must not be called."""


class Crashing:
    """Decoder that crashes."""

    def run(self, function, task):
        return BrokenProcessPool("killed")


@pytest.fixture
def task(tmp_path, settings):
    write_tone(tmp_path / "songs/tone.wav", 440)
    (tmp_path / "out/band").mkdir(parents=True)
    (tmp_path / "out" / SETTINGS_FILE).write_text("{}")
    return PreparationTask.from_file(
        tmp_path / "songs/tone.wav", tmp_path / "songs", "band", tmp_path / "out", settings
    )


def _reason(task):
    return json.loads(task.path(shards.REASON_SUFFIX).read_text())["why"]


def test_simultaneous_attempts_share_no_file(task, tmp_path):
    same, record = make_shard(task.source, "band", tmp_path / "other", task.settings)
    prepare_song(task, InProcess(meanwhile=lambda: prepare_song(task, InProcess())))
    assert task.finished() == record
    assert task.path(shards.SHARD_SUFFIX).read_bytes() == same.path(shards.SHARD_SUFFIX).read_bytes()
    assert sorted(os.listdir(tmp_path / "out/band")) == sorted(os.listdir(tmp_path / "other/band"))


def test_a_finished_song_is_not_prepared_again(task):
    prepare_song(task, InProcess())
    prepare_song(task, Unused())


def test_reasons_of_skipped_songs(task):
    task.source.write_bytes(b"")
    prepare_song(task, InProcess())
    assert _reason(task).startswith("is empty")
    prepare_song(task, Crashing())
    assert "the process that decoded it died" in _reason(task)
    assert task.finished() is None


def test_a_song_that_is_not_mounted(task):
    prepare_song(dataclasses.replace(task, source=task.source.with_name("gone.wav")), Unused())
    assert "put the songs on a disk that all workers share" in _reason(task)


def test_a_data_folder_that_is_not_mounted(task):
    (task.folder / SETTINGS_FILE).unlink()
    with pytest.raises(UserError, match="choose an --out on a disk that all workers share"):
        prepare_song(task, Unused())
