"""JSON of TensorFlow Serving's predict API: parsing of requests, encoding of responses.

A request has `instances` (rows) or `inputs` (columns). Bytes are {"b64": ...}, also in outputs whose names
end in _bytes.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from pipelines.serving.http_errors import HttpError

DEFAULT_SIGNATURE = "serving_default"
_BYTES = "_bytes"


@dataclasses.dataclass(frozen=True)
class InputSpec:
    """Specification of one input of a signature.

    Attributes:
        shape: None for a dimension of any length.
        is_bytes: True for byte strings, False for float32.
    """

    shape: tuple[int | None, ...]
    is_bytes: bool


Signature = Mapping[str, InputSpec]
"""Specifications of a signature's inputs, by name."""


@dataclasses.dataclass(frozen=True)
class PredictRequest:
    """A parsed request.

    Attributes:
        signature: name of the signature.
        inputs: arrays by name, float32 or object (bytes).
        by_row: True for `instances`, whose response has `predictions`; False for `inputs`.
    """

    signature: str
    inputs: Mapping[str, np.ndarray]
    by_row: bool


def parse(body: bytes, signatures: Mapping[str, Signature]) -> PredictRequest:
    """Parses the body of a request.

    Args:
        body: JSON.
        signatures: of the model, by name.

    Raises:
        HttpError: with 400 and one sentence on what is wrong.
    """
    fields = _fields(body)
    name = fields.get("signature_name") or DEFAULT_SIGNATURE
    if not isinstance(name, str) or name not in signatures:
        raise HttpError(400, f"there is no signature {_short(name)}: use one of {', '.join(signatures)}")
    by_row = "instances" in fields
    if by_row == ("inputs" in fields):
        raise HttpError(400, "the request needs either instances or inputs, and not both")
    named = (
        _rows(fields["instances"], signatures[name])
        if by_row
        else _columns(fields["inputs"], signatures[name])
    )
    return PredictRequest(name, _arrays(named, signatures[name]), by_row)


def encode(outputs: Mapping[str, np.ndarray], by_row: bool) -> bytes:
    """Encodes the body of a response.

    Args:
        outputs: arrays by name.
        by_row: see `PredictRequest`; if True, all outputs have the same first dimension.
    """
    columns = {name: _to_json(name, value) for name, value in outputs.items()}
    only = next(iter(columns.values())) if len(columns) == 1 else None
    if not by_row:
        return json.dumps({"outputs": columns if only is None else only}).encode()
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return json.dumps({"predictions": rows if only is None else only}).encode()


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HttpError(400, "the request is no JSON that can be read") from error
    if not isinstance(fields, dict):
        raise HttpError(400, "the request has to be a JSON object with instances or inputs")
    return fields


def _rows(instances: Any, signature: Signature) -> dict[str, list[Any]]:
    """Columns of rows: each row is an object, or a bare value for a signature with one input."""
    if not isinstance(instances, list) or not instances:
        raise HttpError(400, "instances has to be a list with at least one row")
    if len(signature) == 1 and not all(isinstance(row, dict) and "b64" not in row for row in instances):
        return {next(iter(signature)): instances}
    if not all(isinstance(row, dict) and row.keys() == signature.keys() for row in instances):
        raise HttpError(400, f"every row of instances has to be an object with {' and '.join(signature)}")
    return {name: [row[name] for row in instances] for name in signature}


def _columns(inputs: Any, signature: Signature) -> dict[str, Any]:
    """Columns by name: of an object, or of a bare value for a signature with one input."""
    if len(signature) == 1 and not (isinstance(inputs, dict) and "b64" not in inputs):
        return {next(iter(signature)): inputs}
    if not isinstance(inputs, dict) or inputs.keys() != signature.keys():
        raise HttpError(400, f"inputs has to be an object with {' and '.join(signature)}")
    return inputs


def _arrays(named: Mapping[str, Any], signature: Signature) -> dict[str, np.ndarray]:
    arrays = {name: _array(name, named[name], spec) for name, spec in signature.items()}
    for name, spec in signature.items():
        _require_shape(name, arrays[name].shape, spec.shape)
    return arrays


def _require_shape(name: str, actual: tuple[int, ...], expected: tuple[int | None, ...]) -> None:
    fits = [dimension in (None, length) for dimension, length in zip(expected, actual, strict=False)]
    if len(actual) != len(expected) or not all(fits):
        shape = ", ".join("any" if length is None else str(length) for length in expected)
        raise HttpError(400, f"{name} has the shape {list(actual)}, and has to have [{shape}]")


def _array(name: str, value: Any, spec: InputSpec) -> np.ndarray:
    if spec.is_bytes:
        return _byte_array(name, value)
    try:
        with np.errstate(over="ignore"):  # too large values become infinite, which is an error below
            array = np.asarray(value, np.float32)
    except (ValueError, TypeError, OverflowError) as error:
        raise HttpError(400, f"{name} has to hold numbers, in lists of equal lengths") from error
    if not np.isfinite(array).all():
        raise HttpError(400, f"{name} holds numbers that are not finite")
    if array.size == 0 and array.ndim < len(spec.shape):
        return array.reshape((*array.shape, *[length or 0 for length in spec.shape[array.ndim :]]))
    return array


def _byte_array(name: str, value: Any) -> np.ndarray:
    """Array of byte strings: of one, or of a list of them."""
    values = value if isinstance(value, list) else [value]
    found = np.empty(len(values), object)
    for index, each in enumerate(values):
        found[index] = _decode_b64(name, each)
    return found if isinstance(value, list) else found.reshape(())


def _decode_b64(name: str, value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    try:
        return base64.b64decode(value["b64"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise HttpError(400, f'{name} has to hold bytes as {{"b64": "..."}}') from error


def _to_json(name: str, value: np.ndarray) -> Any:
    """Array as JSON values."""
    if value.dtype != object:
        return value.tolist()
    encode = _encode_b64 if name.endswith(_BYTES) else bytes.decode
    return encode(value.item()) if value.ndim == 0 else [encode(each) for each in value]


def _encode_b64(value: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(value).decode()}


def _short(value: Any) -> str:
    return repr(value)[:60]
