"""Configurations as nested frozen dataclasses: changed by key=value, written to JSON and rebuilt from it."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pipelines.errors import UserError

Config = TypeVar("Config")

_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
_UNIONS = (typing.Union, types.UnionType)


def apply(config: Config, changes: Iterable[str]) -> Config:
    """Returns a copy of a frozen dataclass with some fields changed.

    Args:
        config: a frozen dataclass whose fields are plain values, tuples of them, or such dataclasses.
        changes: "field=value" or "group.field=value" each; tuples are written with commas: "scales=1,2,4".

    Raises:
        UserError: for an unknown key (naming the nearest ones) or a value of the wrong type.
    """
    changes, values = list(changes), {}
    for change in changes:
        key, equals, text = (part.strip() for part in change.partition("="))
        if not equals:
            raise UserError(f"--set {change}: write it as key=value")
        values[tuple(key.split("."))] = _parsed(text, _hint(config, key), key)
    try:
        return _replaced(config, values)
    except ValueError as error:
        together = " ".join(f"--set {change}" for change in changes)
        raise UserError(f"{together} is not possible: {error}") from error


def to_dict(config: Any) -> dict[str, Any]:
    """The configuration as JSON values: nested dicts, lists for tuples."""
    return {key: _plain(value) for key, value in dataclasses.asdict(config).items()}


def from_dict(cls: type[Config], values: Mapping[str, Any]) -> Config:
    """The inverse of `to_dict`.

    Raises:
        UserError: if a field is missing, unknown or of the wrong type.
    """
    hints = typing.get_type_hints(cls)
    names = [field.name for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
    if differing := sorted(set(names) ^ set(values)):
        raise UserError(
            f"this configuration is of another version of Coverband ({', '.join(differing)}): train again"
        )
    return cls(**{name: _rebuilt(values[name], hints[name], name) for name in names})


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested dicts as one level with dotted keys, in the order of the fields."""
    items: dict[str, Any] = {}
    for key, value in config.items():
        items |= flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value}
    return items


def _hint(config: Any, key: str) -> Any:
    """Type of the field with a dotted key."""
    *groups, name = key.split(".")
    group = config
    for each in groups:
        group = getattr(group, each, None)
    hints = typing.get_type_hints(type(group)) if dataclasses.is_dataclass(group) else {}
    if name not in hints or dataclasses.is_dataclass(getattr(group, name)):
        raise UserError(_unknown(config, key))
    return hints[name]


def _replaced(config: Any, values: Mapping[tuple[str, ...], Any]) -> Any:
    """Copy of a configuration with other values, each group of which is made, and so validated, once."""
    fields = {path[0]: value for path, value in values.items() if len(path) == 1}
    groups: dict[str, dict[tuple[str, ...], Any]] = {}
    for path, value in values.items():
        if len(path) > 1:
            groups.setdefault(path[0], {})[path[1:]] = value
    fields |= {name: _replaced(getattr(config, name), inner) for name, inner in groups.items()}
    return dataclasses.replace(config, **fields)


def _unknown(root: Any, key: str) -> str:
    names = list(flat(to_dict(root)))
    lasts = [name for name in names if name.rpartition(".")[2] == key.rpartition(".")[2]]
    inside = [name for name in names if name.startswith(f"{key}.")]
    near = lasts or inside or difflib.get_close_matches(key, names, cutoff=0.5)
    hint = f"did you mean {' or '.join(near[:6])}?" if near else f"the keys are {', '.join(names)}"
    return f"--set {key}: there is no such key; {hint}"


def _parsed(text: str, hint: Any, key: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in _UNIONS:
        if text.lower() == "none" and type(None) in arguments:
            return None
        return _parsed(text, next(kind for kind in arguments if kind is not type(None)), key)
    if origin is tuple:
        parts = [part.strip() for part in text.strip("()[] ").split(",") if part.strip()]
        kinds = [arguments[0]] * len(parts) if arguments[-1] is Ellipsis else arguments
        if len(parts) != len(kinds):
            raise UserError(f"--set {key}={text}: this takes {len(kinds)} values with commas between them")
        return tuple(_parsed(part, kind, key) for part, kind in zip(parts, kinds, strict=True))
    if origin is typing.Literal:
        if text not in arguments:
            raise UserError(f"--set {key}={text}: choose one of {', '.join(map(str, arguments))}")
        return text
    return _scalar(text, hint, key)


def _scalar(text: str, kind: Any, key: str) -> Any:
    if kind is bool:
        if text.lower() not in _TRUE + _FALSE:
            raise UserError(f"--set {key}={text}: this is true or false")
        return text.lower() in _TRUE
    names = {int: "a whole number", float: "a number", str: "text"}
    try:
        return kind(text)
    except ValueError as error:
        raise UserError(f"--set {key}={text}: this is {names.get(kind, kind.__name__)}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _rebuilt(value: Any, hint: Any, name: str) -> Any:
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise UserError(f"this configuration is damaged: {name} is not a group of settings")
        return from_dict(hint, value)  # type: ignore[arg-type]
    return _tuples(value)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
