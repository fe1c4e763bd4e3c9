import base64
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.serving import rest
from pipelines.serving.http_errors import HttpError
from pipelines.serving.rest import InputSpec

SIGNATURES = {
    "serving_default": {"waveform": InputSpec((None, None), False), "strength": InputSpec((), False)},
    "batch": {"waveform": InputSpec((None, None), False), "strength": InputSpec((None,), False)},
    "wav_bytes": {"wav_bytes": InputSpec((None,), True), "strength": InputSpec((None,), False)},
    "log_mel": {"log_mel": InputSpec((None, None, 2, 1), False)},
}

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For busy machines."""


def parse(**fields: object) -> rest.PredictRequest:
    return rest.parse(json.dumps(fields).encode(), SIGNATURES)


def test_rows():
    rows = [{"waveform": [0.5, 1], "strength": 1}, {"waveform": [0, 0.25], "strength": 0}]
    request = parse(signature_name="batch", instances=rows)
    assert request.by_row
    np.testing.assert_array_equal(request.inputs["waveform"], np.float32([[0.5, 1], [0, 0.25]]))
    np.testing.assert_array_equal(request.inputs["strength"], np.float32([1, 0]))
    assert request.inputs["waveform"].dtype == np.float32


def test_columns_and_the_default_signature():
    request = parse(inputs={"waveform": [[0.5], [1]], "strength": 1})
    assert (request.signature, request.by_row) == ("serving_default", False)
    assert request.inputs["waveform"].shape == (2, 1)
    assert request.inputs["strength"].shape == ()


def test_bare_values_where_there_is_one_input():
    value = [[[[1.0], [2.0]]]]
    for key in ("instances", "inputs"):
        request = parse(signature_name="log_mel", **{key: value})
        assert request.inputs["log_mel"].shape == (1, 1, 2, 1)


def test_bytes():
    row = {"wav_bytes": {"b64": base64.b64encode(b"\0\xff").decode()}, "strength": 1}
    request = parse(signature_name="wav_bytes", instances=[row])
    assert request.inputs["wav_bytes"].tolist() == [b"\0\xff"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "JSON object"),
        (b"{}", "either instances or inputs"),
        (b'{"instances": [1], "inputs": [1]}', "either instances or inputs"),
        (b'{"instances": []}', "at least one row"),
        (b'{"instances": [1]}', "an object with waveform and strength"),
        (b'{"inputs": {"waveform": [[1]]}}', "an object with waveform and strength"),
        (b'{"inputs": {"waveform": [[1], [1, 2]], "strength": 1}}', "lists of equal lengths"),
        (b'{"inputs": {"waveform": "words", "strength": 1}}', "has to hold numbers"),
        (b'{"inputs": {"waveform": [[NaN]], "strength": 1}}', "not finite"),
        (b'{"inputs": {"waveform": [[1e99]], "strength": 1}}', "not finite"),
        (
            b'{"inputs": {"waveform": [1], "strength": 1}}',
            r"has the shape \[1\], and has to have \[any, any\]",
        ),
        (b'{"signature_name": "x", "inputs": 1}', "there is no signature 'x'"),
        (b'{"signature_name": ["x"], "inputs": 1}', "there is no signature"),
        (
            b'{"signature_name": "wav_bytes", "instances": [{"wav_bytes": {"b64": "?"}, "strength": 1}]}',
            "b64",
        ),
    ],
)
def test_a_malformed_request_is_one_sentence(body: bytes, message: str):
    with pytest.raises(HttpError, match=message) as rejected:
        rest.parse(body, SIGNATURES)
    assert rejected.value.status == 400
    assert "\n" not in rejected.value.message


@pytest.mark.parametrize("by_row", [True, False])
def test_a_single_output_has_no_name(by_row: bool):
    key = "predictions" if by_row else "outputs"
    found = rest.encode({"waveform": np.float32([[1, 0.5]])}, by_row)
    assert json.loads(found) == {key: [[1.0, 0.5]]}


def test_several_outputs_and_bytes():
    outputs = {"audio_bytes": np.array([b"\0", b"1"], object), "level": np.float32([2, 3])}
    rows = [{"audio_bytes": {"b64": "AA=="}, "level": 2.0}, {"audio_bytes": {"b64": "MQ=="}, "level": 3.0}]
    assert json.loads(rest.encode(outputs, by_row=True)) == {"predictions": rows}
    columns = {"audio_bytes": [{"b64": "AA=="}, {"b64": "MQ=="}], "level": [2.0, 3.0]}
    assert json.loads(rest.encode(outputs, by_row=False)) == {"outputs": columns}


@PATIENT
@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=20))
def test_values_are_unchanged_by_a_round_trip(samples: list[float]):
    request = parse(signature_name="batch", instances=[{"waveform": samples, "strength": 1}])
    assert json.loads(rest.encode(dict(request.inputs), True))["predictions"][0]["waveform"] == samples


KEYS = st.sampled_from(["b64", "waveform", "strength"])
TEXT = st.text("aA=é ", max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*SIGNATURES, "x"])
REQUESTS = st.fixed_dictionaries(
    {}, optional={"instances": VALUES, "inputs": VALUES, "signature_name": NAMES}
)
BODIES = st.binary(max_size=60) | REQUESTS.map(lambda fields: json.dumps(fields).encode())


@PATIENT
@given(BODIES)
def test_any_body_is_parsed_or_rejected(body: bytes):
    error = None
    try:
        request = rest.parse(body, SIGNATURES)
    except HttpError as found:
        error = found
    if error is None:
        assert request.inputs.keys() == SIGNATURES[request.signature].keys()
    else:
        assert (error.status, "\n" in error.message) == (400, False)
