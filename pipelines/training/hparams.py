"""TensorBoard's table of runs: every setting a column, beside the newest value of every curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tensorboard.plugins.hparams import api

from pipelines import configuration


def write(config: Mapping[str, Any]) -> None:
    """Logs a run's settings to the default summary writer.

    No list of columns is written, so that TensorBoard finds the settings and curves of all families itself.

    Args:
        config: nested settings, as JSON values.
    """
    api.hparams({key: _plain(value) for key, value in configuration.flat(config).items()})


def _plain(value: Any) -> bool | int | float | str:
    """Setting as a value that the HParams plugin supports: lists as text with commas, None as "none"."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "none" if value is None else value
