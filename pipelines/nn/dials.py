"""Dials of a translation: what a listener may set for every song."""

from __future__ import annotations

from typing import Any, NamedTuple

AUTOMATIC = 0.5
"""Closeness at which a network decides how close to the source it has to be."""


class Dials(NamedTuple):
    """Dials of one translation, floats or float32 scalars; or of a batch of clips, float32 [clips] each.

    Attributes:
        strength: from 0, the source, to 1, the full translation; magnitudes are interpolated in decibels.
        closeness: from 0, free, to 1, as close to the source as the model can; at 0.5 as close as the source
            requires. For models without this dial it has no effect.
    """

    strength: Any = 1.0
    closeness: Any = AUTOMATIC


DIALS = Dials()
"""Default dials."""
