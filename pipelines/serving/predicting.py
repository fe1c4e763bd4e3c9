"""Predictions of a worker: several small requests in one call of the model, where it comes to the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from pipelines.serving import rest
from pipelines.serving.http_errors import Refused

Outputs = dict[str, np.ndarray]
Run = Callable[[str, Mapping[str, np.ndarray]], Outputs]
"""(signature, inputs) -> outputs."""

Reply = tuple[int, bytes]
"""HTTP status and JSON."""


class Predictor:
    """Answers TensorFlow Serving's predict requests."""

    def __init__(self, run: Run, signatures: Mapping[str, rest.Signature], most_numbers: int) -> None:
        """Wraps a model.

        Args:
            run: calls one of its signatures.
            signatures: what they take.
            most_numbers: in one input; more are refused with 413.
        """
        self._run, self._signatures, self._most = run, signatures, most_numbers

    def answer(self, bodies: Sequence[bytes]) -> list[Reply]:
        """Answers requests; one that fails does not touch the others.

        Requests to one signature whose inputs all have a free first dimension, and are alike in the others,
        are joined along the first.
        """
        replies: dict[int, Reply] = {}
        groups: dict[object, list[tuple[int, rest.Query]]] = {}
        for index, body in enumerate(bodies):
            try:
                query = self._understood(body)
                groups.setdefault(self._kind(query) or index, []).append((index, query))
            except Refused as refused:
                replies[index] = _refusal(refused)
        for members in groups.values():
            found = self._together([query for _, query in members])
            replies |= dict(zip([index for index, _ in members], found, strict=True))
        return [replies[index] for index in range(len(bodies))]

    def _understood(self, body: bytes) -> rest.Query:
        query = rest.parse(body, self._signatures)
        largest = max(value.size for value in query.inputs.values())
        if largest > self._most:
            raise Refused(413, f"the request holds {largest} numbers, at most {self._most} are taken")
        return query

    def _kind(self, query: rest.Query) -> object:
        """Equal for requests that can be joined; None for those that stay alone."""
        specs = self._signatures[query.signature]
        if not all(spec.shape[:1] == (None,) for spec in specs.values()):
            return None
        if len({len(value) for value in query.inputs.values()}) > 1:
            return None
        return query.signature, *(value.shape[1:] for value in query.inputs.values())

    def _together(self, queries: list[rest.Query]) -> list[Reply]:
        if len(queries) == 1:
            return [self._alone(queries[0])]
        try:
            names = queries[0].inputs
            joined = {name: np.concatenate([query.inputs[name] for query in queries]) for name in names}
            outputs = self._run(queries[0].signature, joined)
        except tf.errors.OpError:
            return [self._alone(query) for query in queries]
        ends = np.cumsum([len(next(iter(query.inputs.values()))) for query in queries])[:-1]
        parts = {name: np.split(value, ends) for name, value in outputs.items()}
        rows = [{name: part[index] for name, part in parts.items()} for index in range(len(queries))]
        return [(200, rest.answer(row, query.by_row)) for row, query in zip(rows, queries, strict=True)]

    def _alone(self, query: rest.Query) -> Reply:
        try:
            return 200, self._answered(query)
        except Refused as refused:
            return _refusal(refused)

    def _answered(self, query: rest.Query) -> bytes:
        try:
            outputs = self._run(query.signature, query.inputs)
        except tf.errors.ResourceExhaustedError as error:
            raise Refused(503, "the model has no memory for this request") from error
        except tf.errors.OpError as error:
            raise Refused(400, f"the model does not take these inputs: {_first_line(error)}") from error
        if query.by_row and any(value.ndim == 0 for value in outputs.values()):
            raise Refused(400, "this signature gives no rows: send inputs instead of instances")
        return rest.answer(outputs, query.by_row)


def _refusal(refused: Refused) -> Reply:
    return refused.status, json.dumps({"error": refused.message}).encode()


def _first_line(error: tf.errors.OpError) -> str:
    return error.message.strip().splitlines()[0][:300]
