"""Tests of failures: unreadable songs, a full disk and exhausted memory are one sentence each."""

import errno
import os

import pytest
import tensorflow as tf

from pipelines.errors import UserError
from pipelines.training.failures import disk_explained, is_out_of_memory, memory_explained, songs_explained

FULL = "step-6_temp; No space left on device"
INTACT = "is full; the checkpoint of step 5 is intact: free some space and go on"


def _shard(path, records):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)
    return str(path)


def test_the_same_batches():
    assert [int(batch) for batch in songs_explained(iter(tf.data.Dataset.range(3)))] == [0, 1, 2]


def test_a_file_that_is_gone_is_one_sentence(tmp_path):
    shards = [_shard(tmp_path / f"{number}.tfrecord", [b"x"]) for number in range(2)]
    records = tf.data.Dataset.from_tensor_slices(shards).flat_map(tf.data.TFRecordDataset)
    options = tf.data.Options()
    options.experimental_optimization.inject_prefetch = False  # or the next file may be read already
    batches = songs_explained(iter(records.with_options(options)))
    assert next(batches).numpy() == b"x"
    (tmp_path / "1.tfrecord").unlink()
    with pytest.raises(UserError, match=r"can no longer be read \(.*1\.tfrecord.*\): put back") as caught:
        next(batches)
    assert "\n" not in str(caught.value)
    assert "{{" not in str(caught.value)


def test_a_file_that_is_damaged_is_one_sentence(tmp_path):
    (tmp_path / "a.tfrecord").write_bytes(b"no record " * 100)
    with pytest.raises(UserError, match="can no longer be read"):
        list(songs_explained(iter(tf.data.TFRecordDataset(str(tmp_path / "a.tfrecord")))))


def test_a_sentence_of_a_python_function_stays_one():
    def decode(_):
        raise UserError("songs/a.mp3 is not a file: check the name")

    ones = tf.data.Dataset.range(1).map(lambda number: tf.numpy_function(decode, [number], tf.int64))
    with pytest.raises(
        UserError, match=r"^songs/a\.mp3 is not a file: check the name; then go on with --resume$"
    ):
        next(songs_explained(iter(ones)))


def test_other_errors_pass_by_the_songs():
    def broken():
        raise tf.errors.UnavailableError(None, None, "another worker")
        yield

    with pytest.raises(tf.errors.UnavailableError):
        next(songs_explained(broken()))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), INTACT),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), INTACT),
        (tf.errors.ResourceExhaustedError(None, None, FULL), INTACT),
        (OSError(errno.EROFS, os.strerror(errno.EROFS)), r"fails \(Read-only file system\); the checkpoint"),
        (tf.errors.UnknownError(None, None, "logs; Input/output error"), r"fails \(Input/output error\)"),
    ],
)
def test_a_disk_is_explained(tmp_path, error, message):
    with (
        pytest.raises(UserError, match=f"^the disk that holds {tmp_path} {message}"),
        disk_explained(tmp_path, lambda: 5),
    ):
        raise error


def test_the_disk_of_another_file_is_named(tmp_path):
    error = OSError(errno.ENOSPC, "No space left on device", "/elsewhere/model.keras")
    with (
        pytest.raises(UserError, match=r"^the disk that holds /elsewhere is full"),
        disk_explained(tmp_path, lambda: 5),
    ):
        raise error


@pytest.mark.parametrize(
    "error", [OSError(errno.EACCES, "no permission"), tf.errors.ResourceExhaustedError(None, None, "OOM")]
)
def test_other_errors_pass_by_the_disk(tmp_path, error):
    with pytest.raises(type(error)), disk_explained(tmp_path, lambda: None):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[9]"),
        tf.errors.InternalError(None, None, "Failed to call ThenRnnForward: CUDA_ERROR: out of memory"),
        tf.errors.InternalError(None, None, "Dst tensor is not initialized."),
    ],
)
def test_memory_is_explained(error):
    with (
        pytest.raises(
            UserError,
            match=r"^out of memory; .* step 5 is intact: .*batch_size=3 --gradient_accumulation_steps 2,",
        ),
        memory_explained(lambda: 5, 6),
    ):
        raise error


@pytest.mark.parametrize(
    "error", [tf.errors.ResourceExhaustedError(None, None, FULL), tf.errors.InternalError(None, None, "bug")]
)
def test_other_errors_pass_by_memory(error):
    assert not is_out_of_memory(error)
    with pytest.raises(type(error)), memory_explained(lambda: None, 1):
        raise error
