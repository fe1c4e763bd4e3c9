"""Warm-up requests of an export, which TensorFlow Serving runs before it reports the model as available.

The file assets.extra/tf_serving_warmup_requests is a TFRecord file of PredictionLog messages. Their Python
classes are part of TensorFlow Serving only, so the few fields are encoded here: each is a message, a string
or bytes, that is a tag (the field's number and wire type 2), a length and the content
(protobuf.dev/programming-guides/encoding; the numbers are in tensorflow_serving/apis).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.inference import warmup_requests

FILE = Path("assets.extra") / "tf_serving_warmup_requests"
"""Path inside a SavedModel."""

# Field numbers: PredictionLog.predict_log, PredictLog.request, PredictRequest.{model_spec, inputs},
# ModelSpec.{name, signature_name}, and those of an entry of a map.
_PREDICT_LOG, _REQUEST = 6, 1
_MODEL_SPEC, _INPUTS = 1, 2
_NAME, _SIGNATURE = 1, 3
_KEY, _VALUE = 1, 2


def write(folder: Path, spec: AudioSpec) -> None:
    """Writes the warm-up requests into the folder of a SavedModel."""
    path = folder / FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(os.fsencode(path)) as writer:
        for signature, inputs in warmup_requests.requests(spec).items():
            writer.write(_prediction_log(signature, inputs))


def _prediction_log(signature: str, inputs: Mapping[str, np.ndarray]) -> bytes:
    model = _field(_NAME, b"coverband") + _field(_SIGNATURE, signature.encode())
    request = _field(_MODEL_SPEC, model)
    for name, value in inputs.items():
        tensor = tf.make_tensor_proto(value).SerializeToString()
        request += _field(_INPUTS, _field(_KEY, name.encode()) + _field(_VALUE, tensor))
    return _field(_PREDICT_LOG, _field(_REQUEST, request))


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*groups, number])
