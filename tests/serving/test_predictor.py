import json
from collections.abc import Mapping

import numpy as np

from pipelines.serving.predictor import ModelInputError, Predictor
from pipelines.serving.rest import InputSpec

SIGNATURES = {
    "serving_default": {"waveform": InputSpec((None, None), False), "strength": InputSpec((), False)},
    "batch": {"waveform": InputSpec((None, None), False), "strength": InputSpec((None,), False)},
}


class Model:
    """Model that multiplies waveforms by strengths and records their shapes."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, signature: str, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        waveform, strength = inputs["waveform"], inputs["strength"]
        self.shapes.append(waveform.shape)
        if (waveform > 1).any():
            raise ModelInputError("too loud\nand more")
        return {"waveform": waveform * strength[..., None] if strength.ndim else waveform * strength}


def body(*rows: list[float], strength: float = 0.5) -> bytes:
    instances = [{"waveform": row, "strength": strength} for row in rows]
    return json.dumps({"signature_name": "batch", "instances": instances}).encode()


def predict(model: Model, *bodies: bytes) -> list[tuple[int, object]]:
    replies = Predictor(model, SIGNATURES, max_values=8).predict(bodies)
    return [(status, json.loads(content)) for status, content in replies]


def test_requests_of_equal_shapes_are_batched_and_get_their_own_responses():
    model = Model()
    found = predict(model, body([1, 0]), body([0.5, 1], [0, 0.25], strength=1), body([1, 1, 1]))
    assert model.shapes == [(3, 2), (1, 3)]
    assert [reply["predictions"] for _, reply in found] == [
        [[0.5, 0.0]],
        [[0.5, 1.0], [0.0, 0.25]],
        [[0.5, 0.5, 0.5]],
    ]


def test_a_request_without_a_variable_first_dimension_is_not_batched():
    model = Model()
    alone = json.dumps({"inputs": {"waveform": [[1.0, 0.5]], "strength": 0.5}}).encode()
    assert predict(model, alone, alone) == [(200, {"outputs": [[0.5, 0.25]]})] * 2
    assert model.shapes == [(1, 2), (1, 2)]


def test_an_error_of_one_request_does_not_affect_the_others():
    found = predict(Model(), body([1, 0]), body([9, 0]), b"{", body([0, 1]))
    assert [status for status, _ in found] == [200, 400, 400, 200]
    assert found[1][1] == {"error": "the model does not take these inputs: too loud"}
    assert found[3][1] == {"predictions": [[0.0, 0.5]]}


def test_too_many_values_are_rejected():
    ((status, reply),) = predict(Model(), body([0] * 9))
    assert status == 413
    assert reply == {"error": "the request holds 9 numbers, at most 8 are accepted"}
