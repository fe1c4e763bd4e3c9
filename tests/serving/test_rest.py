import base64
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.serving import rest
from pipelines.serving.http_errors import Refused
from pipelines.serving.rest import InputSpec

SIGNATURES = {
    "serving_default": {"waveform": InputSpec((None, None), False), "strength": InputSpec((), False)},
    "batch": {"waveform": InputSpec((None, None), False), "strength": InputSpec((None,), False)},
    "wav_bytes": {"wav_bytes": InputSpec((None,), True), "strength": InputSpec((None,), False)},
    "log_mel": {"log_mel": InputSpec((None, None, 2, 1), False)},
}

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""However busy the machine is."""


def parse(**fields: object) -> rest.Query:
    return rest.parse(json.dumps(fields).encode(), SIGNATURES)


def test_rows():
    rows = [{"waveform": [0.5, 1], "strength": 1}, {"waveform": [0, 0.25], "strength": 0}]
    query = parse(signature_name="batch", instances=rows)
    assert query.by_row
    np.testing.assert_array_equal(query.inputs["waveform"], np.float32([[0.5, 1], [0, 0.25]]))
    np.testing.assert_array_equal(query.inputs["strength"], np.float32([1, 0]))
    assert query.inputs["waveform"].dtype == np.float32


def test_columns_and_the_default_signature():
    query = parse(inputs={"waveform": [[0.5], [1]], "strength": 1})
    assert (query.signature, query.by_row) == ("serving_default", False)
    assert query.inputs["waveform"].shape == (2, 1)
    assert query.inputs["strength"].shape == ()


def test_bare_values_where_there_is_one_input():
    value = [[[[1.0], [2.0]]]]
    for key in ("instances", "inputs"):
        query = parse(signature_name="log_mel", **{key: value})
        assert query.inputs["log_mel"].shape == (1, 1, 2, 1)


def test_bytes():
    row = {"wav_bytes": {"b64": base64.b64encode(b"\0\xff").decode()}, "strength": 1}
    query = parse(signature_name="wav_bytes", instances=[row])
    assert query.inputs["wav_bytes"].tolist() == [b"\0\xff"]


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
def test_what_is_malformed_is_one_sentence(body: bytes, message: str):
    with pytest.raises(Refused, match=message) as refused:
        rest.parse(body, SIGNATURES)
    assert refused.value.status == 400
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("by_row", [True, False])
def test_one_output_stands_without_its_name(by_row: bool):
    key = "predictions" if by_row else "outputs"
    found = rest.answer({"waveform": np.float32([[1, 0.5]])}, by_row)
    assert json.loads(found) == {key: [[1.0, 0.5]]}


def test_several_outputs_and_bytes():
    outputs = {"audio_bytes": np.array([b"\0", b"1"], object), "level": np.float32([2, 3])}
    rows = [{"audio_bytes": {"b64": "AA=="}, "level": 2.0}, {"audio_bytes": {"b64": "MQ=="}, "level": 3.0}]
    assert json.loads(rest.answer(outputs, by_row=True)) == {"predictions": rows}
    columns = {"audio_bytes": [{"b64": "AA=="}, {"b64": "MQ=="}], "level": [2.0, 3.0]}
    assert json.loads(rest.answer(outputs, by_row=False)) == {"outputs": columns}


@PATIENT
@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=20))
def test_what_is_sent_is_what_arrives(samples: list[float]):
    query = parse(signature_name="batch", instances=[{"waveform": samples, "strength": 1}])
    assert json.loads(rest.answer(dict(query.inputs), True))["predictions"][0]["waveform"] == samples


KEYS = st.sampled_from(["b64", "waveform", "strength"])
TEXT = st.text("aA=é ", max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*SIGNATURES, "x"])
QUERIES = st.fixed_dictionaries({}, optional={"instances": VALUES, "inputs": VALUES, "signature_name": NAMES})
BODIES = st.binary(max_size=60) | QUERIES.map(lambda fields: json.dumps(fields).encode())


@PATIENT
@given(BODIES)
def test_any_body_is_understood_or_refused(body: bytes):
    refused = None
    try:
        query = rest.parse(body, SIGNATURES)
    except Refused as found:
        refused = found
    if refused is None:
        assert query.inputs.keys() == SIGNATURES[query.signature].keys()
    else:
        assert (refused.status, "\n" in refused.message) == (400, False)
