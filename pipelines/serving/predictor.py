"""Predict requests of a worker; those of equal shapes are batched into one call of the model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from pipelines.serving import rest
from pipelines.serving.http_errors import HttpError

Outputs = dict[str, np.ndarray]
RunFn = Callable[[str, Mapping[str, np.ndarray]], Outputs]
"""(signature, inputs) -> outputs."""

Reply = tuple[int, bytes]
"""HTTP status and JSON."""


class ModelInputError(Exception):
    """Inputs that a model does not take; the message says why."""


class Predictor:
    """Handler of TensorFlow Serving's predict requests."""

    def __init__(self, run: RunFn, signatures: Mapping[str, rest.Signature], max_values: int) -> None:
        """Wraps a model.

        Args:
            run: calls a signature of the model.
            signatures: their input specifications, by name.
            max_values: number of values of one input; larger requests get 413.
        """
        self._run, self._signatures, self._max_values = run, signatures, max_values

    def predict(self, bodies: Sequence[bytes]) -> list[Reply]:
        """Replies to requests; an error of one does not affect the others.

        Requests to one signature whose inputs all have a variable first dimension, and equal other
        dimensions, are concatenated along the first.

        Args:
            bodies: JSON of each request.
        """
        replies: dict[int, Reply] = {}
        groups: dict[object, list[tuple[int, rest.PredictRequest]]] = {}
        for index, body in enumerate(bodies):
            try:
                request = self._parse(body)
                groups.setdefault(self._batch_key(request) or index, []).append((index, request))
            except HttpError as error:
                replies[index] = _error_reply(error)
        for group in groups.values():
            results = self._predict_batch([request for _, request in group])
            replies |= dict(zip([index for index, _ in group], results, strict=True))
        return [replies[index] for index in range(len(bodies))]

    def _parse(self, body: bytes) -> rest.PredictRequest:
        request = rest.parse(body, self._signatures)
        largest = max(value.size for value in request.inputs.values())
        if largest > self._max_values:
            raise HttpError(
                413, f"the request holds {largest} numbers, at most {self._max_values} are accepted"
            )
        return request

    def _batch_key(self, request: rest.PredictRequest) -> object:
        """Equal for requests that can be concatenated; None for those that cannot."""
        specs = self._signatures[request.signature]
        if not all(spec.shape[:1] == (None,) for spec in specs.values()):
            return None
        if len({len(value) for value in request.inputs.values()}) > 1:
            return None
        return request.signature, *(value.shape[1:] for value in request.inputs.values())

    def _predict_batch(self, requests: list[rest.PredictRequest]) -> list[Reply]:
        if len(requests) == 1:
            return [self._predict_one(requests[0])]
        try:
            names = requests[0].inputs
            batch = {name: np.concatenate([request.inputs[name] for request in requests]) for name in names}
            outputs = self._run(requests[0].signature, batch)
        except (ModelInputError, MemoryError):
            return [self._predict_one(request) for request in requests]
        ends = np.cumsum([len(next(iter(request.inputs.values()))) for request in requests])[:-1]
        parts = {name: np.split(value, ends) for name, value in outputs.items()}
        rows = [{name: part[index] for name, part in parts.items()} for index in range(len(requests))]
        return [(200, rest.encode(row, request.by_row)) for row, request in zip(rows, requests, strict=True)]

    def _predict_one(self, request: rest.PredictRequest) -> Reply:
        try:
            return 200, self._response(request)
        except HttpError as error:
            return _error_reply(error)

    def _response(self, request: rest.PredictRequest) -> bytes:
        try:
            outputs = self._run(request.signature, request.inputs)
        except MemoryError as error:
            raise HttpError(503, "the model has no memory for this request") from error
        except ModelInputError as error:
            raise HttpError(400, f"the model does not take these inputs: {_first_line(error)}") from error
        if request.by_row and any(value.ndim == 0 for value in outputs.values()):
            raise HttpError(400, "this signature gives no rows: send inputs instead of instances")
        return rest.encode(outputs, request.by_row)


def _error_reply(error: HttpError) -> Reply:
    return error.status, json.dumps({"error": error.message}).encode()


def _first_line(error: ModelInputError) -> str:
    return str(error).strip().splitlines()[0][:300]
