"""Scaling of mel magnitudes to log-mel values in [-1, 1], and its inverse."""

from __future__ import annotations

import math
from typing import Any

from pipelines.audio.spec import AudioSpec


def scale(xp: Any, spec: AudioSpec, mel: Any) -> Any:
    """Log-mel values: decibels, scaled linearly from spec.floor at -1 to spec.ceiling at +1.

    Args:
        xp: numpy or tensorflow.math.
        spec: floor and ceiling.
        mel: float32 mel magnitudes, any shape.

    Returns:
        float32 of the same shape, at least -1; above 1 only for sounds louder than a full-scale sine.
    """
    floor, ceiling = math.log(spec.floor), math.log(spec.ceiling)
    level = xp.log(xp.maximum(mel, spec.floor))
    # Rounding can yield values slightly below -1 at the floor.
    return xp.maximum((level - floor) * (2 / (ceiling - floor)) - 1, -1.0)


def unscale(xp: Any, spec: AudioSpec, log_mel: Any) -> Any:
    """Mel magnitudes of log-mel values, the inverse of `scale`; about spec.floor for -1."""
    floor, ceiling = math.log(spec.floor), math.log(spec.ceiling)
    return xp.exp((log_mel + 1) * ((ceiling - floor) / 2) + floor)


def to_db(spec: AudioSpec, log_mel: Any) -> Any:
    """Log-mel values in decibels relative to the magnitude 1."""
    return (log_mel + 1) * (spec.range_db / 2) + 20 * math.log10(spec.floor)
