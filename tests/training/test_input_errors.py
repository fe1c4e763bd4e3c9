import pytest
import tensorflow as tf

from pipelines.errors import UserError
from pipelines.training import input_errors


def _shard(path, records):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)
    return str(path)


def test_the_same_batches():
    assert [int(batch) for batch in input_errors.explained(iter(tf.data.Dataset.range(3)))] == [0, 1, 2]


def test_a_file_that_is_gone_is_one_sentence(tmp_path):
    shards = [_shard(tmp_path / f"{number}.tfrecord", [b"x"]) for number in range(2)]
    records = tf.data.Dataset.from_tensor_slices(shards).flat_map(tf.data.TFRecordDataset)
    options = tf.data.Options()
    options.experimental_optimization.inject_prefetch = False  # or the next file may be read already
    batches = input_errors.explained(iter(records.with_options(options)))
    assert next(batches).numpy() == b"x"
    (tmp_path / "1.tfrecord").unlink()
    with pytest.raises(UserError, match=r"can no longer be read \(.*1\.tfrecord.*\): put back") as caught:
        next(batches)
    assert "\n" not in str(caught.value)
    assert "{{" not in str(caught.value)


def test_a_file_that_is_damaged_is_one_sentence(tmp_path):
    (tmp_path / "a.tfrecord").write_bytes(b"no record " * 100)
    with pytest.raises(UserError, match="can no longer be read"):
        list(input_errors.explained(iter(tf.data.TFRecordDataset(str(tmp_path / "a.tfrecord")))))


def test_a_sentence_of_a_python_function_stays_one():
    def decode(_):
        raise UserError("songs/a.mp3 is not a file: check the name")

    ones = tf.data.Dataset.range(1).map(lambda number: tf.numpy_function(decode, [number], tf.int64))
    with pytest.raises(
        UserError, match=r"^songs/a\.mp3 is not a file: check the name; then go on with --resume$"
    ):
        next(input_errors.explained(iter(ones)))


def test_other_errors_stay():
    def broken():
        raise tf.errors.UnavailableError(None, None, "another worker")
        yield

    with pytest.raises(tf.errors.UnavailableError):
        next(input_errors.explained(broken()))
