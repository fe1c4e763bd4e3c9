"""JSON schemas of Python's types: of what a request has to hold, and of what an answer holds."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Annotated, Any, Literal, Union

Schema = dict[str, Any]

_PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


@dataclasses.dataclass(frozen=True)
class Between:
    """Bounds of a number, as `Annotated[float, Between(0, 1)]`."""

    lowest: float
    highest: float


def schema_of(kind: Any) -> Schema:
    """JSON schema of a type.

    Args:
        kind: str, bool, int, float or None; a list, a dict with keys of str, a union, a literal or a
            TypedDict; or a number that is annotated with `Between`.
    """
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Annotated:
        return {**schema_of(arguments[0]), "minimum": arguments[1].lowest, "maximum": arguments[1].highest}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(each) for each in arguments]}
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if typing.is_typeddict(kind):
        properties = {name: schema_of(each) for name, each in typing.get_type_hints(kind).items()}
        return object_of(properties, kind.__required_keys__)
    return {"type": _PLAIN[kind]}


def object_of(properties: dict[str, Schema], required: typing.Iterable[str]) -> Schema:
    """JSON schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(required),
        "additionalProperties": False,
    }
