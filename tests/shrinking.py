"""Real presets in small."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from pipelines.audio.spec import AudioSpec

Config = TypeVar("Config")


def shrunk(preset: Config, spec: AudioSpec, *changes: Mapping[str, Mapping[str, Any]]) -> Config:
    """A preset with another spec and other fields of its groups: {"data": {"frames": 32}}; later ones win."""
    merged: dict[str, dict[str, Any]] = {}
    for groups in changes:
        for name, fields in groups.items():
            merged.setdefault(name, {}).update(fields)
    parts = {name: dataclasses.replace(getattr(preset, name), **fields) for name, fields in merged.items()}
    return dataclasses.replace(preset, spec=spec, **parts)
