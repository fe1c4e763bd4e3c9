"""Warm-up requests, parsed by protobuf and run."""

from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from tensorflow.core.framework import tensor_pb2

# The part of tensorflow_serving/apis that a predict request needs: message -> field -> (number, type).
MESSAGES = {
    "ModelSpec": {"name": (1, "string"), "signature_name": (3, "string")},
    "PredictRequest": {"model_spec": (1, "ModelSpec"), "inputs": (2, "InputsEntry")},
    "InputsEntry": {"key": (1, "string"), "value": (2, "bytes")},
    "PredictLog": {"request": (1, "PredictRequest")},
    "PredictionLog": {"predict_log": (6, "PredictLog")},
}


def prediction_log() -> Any:
    """The message class, from a description of its own."""
    file = descriptor_pb2.FileDescriptorProto(name="serving.proto", package="test", syntax="proto3")
    kinds = descriptor_pb2.FieldDescriptorProto
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            plain = {"string": kinds.TYPE_STRING, "bytes": kinds.TYPE_BYTES}.get(kind)
            label = kinds.LABEL_REPEATED if field == "inputs" else kinds.LABEL_OPTIONAL
            added = message.field.add(
                name=field, number=number, label=label, type=plain or kinds.TYPE_MESSAGE
            )
            if plain is None:
                added.type_name = f".test.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("test.PredictionLog"))


@pytest.mark.slow
def test_every_request_runs(exported: Path):
    signatures = tf.saved_model.load(str(exported)).signatures
    file = exported / "assets.extra" / "tf_serving_warmup_requests"
    names = []
    for record in tf.data.TFRecordDataset(str(file)):
        request = prediction_log().FromString(record.numpy()).predict_log.request
        names.append(request.model_spec.signature_name)
        inputs = {each.key: tensor_pb2.TensorProto.FromString(each.value) for each in request.inputs}
        arrays = {name: tf.constant(tf.make_ndarray(value)) for name, value in inputs.items()}
        outputs = signatures[names[-1]](**arrays)
        assert all(tf.size(value) > 0 for value in outputs.values())
    assert names == ["serving_default", "batch", "wav_bytes"]
