"""A full disk and exhausted memory are one sentence each, whoever reports them."""

import errno
import os

import pytest
import tensorflow as tf

from pipelines.errors import UserError
from pipelines.training.resource_errors import disk_explained, is_out_of_memory, memory_explained

FULL = "step-6_temp; No space left on device"
INTACT = "is full; the checkpoint of step 5 is intact: free some space and go on"


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
