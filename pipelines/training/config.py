"""Configuration that the model families have in common."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from pipelines.audio.spec import AudioSpec
from pipelines.data.config import CropConfig


@dataclasses.dataclass(frozen=True)
class RunConfig:
    """Configuration of a training run; a family adds its networks, losses and optimizer.

    Attributes:
        preset: name of the preset that it started from.
        steps: training steps when the command line gives neither steps nor minutes.
        spec: of the log-mels.
        data: of the training clips.
    """

    preset: str = "custom"
    steps: int = 1000
    spec: AudioSpec = dataclasses.field(default_factory=AudioSpec)
    data: CropConfig = dataclasses.field(default_factory=CropConfig)


@dataclasses.dataclass(frozen=True)
class Preset:
    """Named configuration.

    Attributes:
        config: function that makes the configuration; its docstring gives the command, and the measured
            result.
        time: measured training time, with the machine, or a statement that it was not trained yet.
    """

    config: Callable[[], Any]
    time: str


Presets = Mapping[str, Preset]
"""Presets of a family by name; the first is the default."""
