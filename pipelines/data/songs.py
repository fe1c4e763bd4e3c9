"""File names and splits of songs; a song is never in two splits."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence

HELD_OUT = 0.1
"""Share of the songs in the valid split, and again in the test split."""

_SLUG_LENGTH = 40


def digest(*parts: object) -> str:
    """A short stable name (8 hexadecimal digits) for some values."""
    return hashlib.sha256(os.fsencode("\0".join(map(str, parts)))).hexdigest()[:8]


def slug(name: str) -> str:
    """A readable, harmless file name made from a song's path."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().rsplit(".", 1)[0]).strip("-")[:_SLUG_LENGTH] or "song"


def split(names: Sequence[str]) -> dict[str, str]:
    """Assigns every song to train, valid or test, by the rank of a hash of its name.

    Two songs or more give at least one to train and one to valid; one song goes to train.

    Args:
        names: the songs of one domain.

    Returns:
        name -> split.
    """
    ranked = sorted(names, key=lambda name: (hashlib.sha256(os.fsencode(name)).hexdigest(), name))
    held_out = round(HELD_OUT * len(ranked))
    valid = max(1, held_out) if len(ranked) > 1 else 0
    splits = ["valid"] * valid + ["test"] * held_out
    return dict(zip(ranked, splits + ["train"] * (len(ranked) - len(splits)), strict=True))
