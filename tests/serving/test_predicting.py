import json
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from pipelines.serving.predicting import Predictor
from pipelines.serving.rest import InputSpec

SIGNATURES = {
    "serving_default": {"waveform": InputSpec((None, None), False), "strength": InputSpec((), False)},
    "batch": {"waveform": InputSpec((None, None), False), "strength": InputSpec((None,), False)},
}


class Model:
    """Multiplies waveforms by strengths, and remembers what it was called with."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, ...]] = []

    def __call__(self, signature: str, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        waveform, strength = inputs["waveform"], inputs["strength"]
        self.sizes.append(waveform.shape)
        if (waveform > 1).any():
            raise tf.errors.InvalidArgumentError(None, None, "too loud\nand more")
        return {"waveform": waveform * strength[..., None] if strength.ndim else waveform * strength}


def body(*rows: list[float], strength: float = 0.5) -> bytes:
    instances = [{"waveform": row, "strength": strength} for row in rows]
    return json.dumps({"signature_name": "batch", "instances": instances}).encode()


def answer(model: Model, *bodies: bytes) -> list[tuple[int, object]]:
    replies = Predictor(model, SIGNATURES, most_numbers=8).answer(bodies)
    return [(status, json.loads(content)) for status, content in replies]


def test_like_requests_share_a_call_and_get_their_own_answers():
    model = Model()
    found = answer(model, body([1, 0]), body([0.5, 1], [0, 0.25], strength=1), body([1, 1, 1]))
    assert model.sizes == [(3, 2), (1, 3)]
    assert [reply["predictions"] for _, reply in found] == [
        [[0.5, 0.0]],
        [[0.5, 1.0], [0.0, 0.25]],
        [[0.5, 0.5, 0.5]],
    ]


def test_a_request_without_a_free_first_dimension_stays_alone():
    model = Model()
    alone = json.dumps({"inputs": {"waveform": [[1.0, 0.5]], "strength": 0.5}}).encode()
    assert answer(model, alone, alone) == [(200, {"outputs": [[0.5, 0.25]]})] * 2
    assert model.sizes == [(1, 2), (1, 2)]


def test_one_that_fails_does_not_touch_the_others():
    found = answer(Model(), body([1, 0]), body([9, 0]), b"{", body([0, 1]))
    assert [status for status, _ in found] == [200, 400, 400, 200]
    assert found[1][1] == {"error": "the model does not take these inputs: too loud"}
    assert found[3][1] == {"predictions": [[0.0, 0.5]]}


def test_too_many_numbers_are_refused():
    ((status, reply),) = answer(Model(), body([0] * 9))
    assert status == 413
    assert reply == {"error": "the request holds 9 numbers, at most 8 are taken"}
