import errno

import numpy as np
import pytest
import tensorflow as tf

from pipelines.data.schema import parse_segment
from pipelines.data.shards import SHARD_SUFFIX, SIDECAR_SUFFIX, PreparationTask, segment_starts
from tests.data.conftest import make_shard, write_tone


@pytest.mark.parametrize(("extra", "expected"), [(-100, [0]), (0, [0]), (1, [0, 1]), (4097, [0, 4096, 4097])])
def test_segments_reach_the_end_of_the_song(settings, extra, expected):
    assert settings.segment_samples == 63 * 64 + 256
    assert segment_starts(settings.segment_samples + extra, settings) == expected


@pytest.mark.parametrize("seconds", [1.5, 0.4 + 1.0])
def test_a_shard_contains_the_song(tmp_path, settings, seconds):
    write_tone(tmp_path / "songs/a.wav", 440, seconds=seconds)
    task, record = make_shard(tmp_path / "songs/a.wav", "band", tmp_path / "data")
    size = settings.segment_samples
    segments = [parse_segment(item, size) for item in tf.data.TFRecordDataset(str(task.path(SHARD_SUFFIX)))]
    first, valid = segments[0]
    assert len(segments) == record.segments
    assert int(valid) == min(size, round(seconds * 8000))
    tone = np.sin(2 * np.pi * 440 * np.arange(size) / 8000)
    assert np.corrcoef(first[: int(valid)], tone[: int(valid)])[0, 1] > 0.999
    assert record.seconds == seconds


def test_a_short_song_is_padded_with_zeros(tmp_path, settings):
    longer = type(settings)(settings.spec, segment_frames=256)
    write_tone(tmp_path / "songs/a.wav", 440, seconds=1.0)
    task, record = make_shard(tmp_path / "songs/a.wav", "band", tmp_path / "data", longer)
    (item,) = tf.data.TFRecordDataset(str(task.path(SHARD_SUFFIX)))
    pcm, valid = parse_segment(item, longer.segment_samples)
    assert record.segments == 1
    assert int(valid) == 8000
    assert not pcm[8000:].numpy().any()


def test_a_task_is_finished_until_the_song_or_the_settings_change(tmp_path, settings):
    source = tmp_path / "songs/a.wav"
    write_tone(source, 440)
    task, record = make_shard(source, "band", tmp_path / "data")
    assert task.finished() == record
    louder = type(settings)(settings.spec, target_lufs=-20.0, segment_frames=64)
    assert (
        PreparationTask.from_file(source, source.parent, "band", tmp_path / "data", louder).finished() is None
    )
    write_tone(source, 441, seconds=3.1)
    assert (
        PreparationTask.from_file(source, source.parent, "band", tmp_path / "data", settings).finished()
        is None
    )
    task.path(SIDECAR_SUFFIX).write_text('{"half')
    assert task.finished() is None


def test_a_full_disk_leaves_no_partial_shard(tmp_path, settings, monkeypatch):
    def full(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(tf.io.TFRecordWriter, "write", full)
    write_tone(tmp_path / "songs/a.wav", 440)
    with pytest.raises(OSError, match="No space left") as caught:
        make_shard(tmp_path / "songs/a.wav", "band", tmp_path / "data")
    assert caught.value.errno == errno.ENOSPC
    assert [path.suffix for path in (tmp_path / "data/band").iterdir()] == [".pcm"]
