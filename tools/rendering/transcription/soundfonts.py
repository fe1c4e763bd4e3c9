"""SoundFonts of the transcription data: those for training, and the one held out for the test."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from pipelines import console
from pipelines.errors import UserError
from tools.rendering.soundfonts import (
    FLUIDR3,
    MUSESCORE,
    OPL3,
    TIMGM6MB,
    SoundFont,
    find_soundfont,
    installed_soundfont,
)

FONTS = {FLUIDR3: 0.5, MUSESCORE: 0.4, OPL3: 0.1}
"""Share of the recordings by SoundFont for training; the first is required. The last one emulates a sound
card, hence its share."""

HELD_OUT = TIMGM6MB
"""SoundFont of the test."""


@dataclasses.dataclass(frozen=True)
class SoundFonts:
    """SoundFonts of the transcription data.

    Attributes:
        training: shares by SoundFont for training and validation.
        held_out: SoundFont of the test.
    """

    training: dict[Path, float]
    held_out: Path


def find_soundfonts(training: Sequence[str], held_out: str | None) -> SoundFonts:
    """SoundFonts at given paths or in standard folders.

    Args:
        training: paths to use in place of FONTS, with equal shares.
        held_out: path to use in place of HELD_OUT.

    Raises:
        UserError: if a named or required one is missing, or the held-out one is used for training, too.
    """
    last = _required(HELD_OUT, held_out, "--held_out")
    fonts = {find_soundfont(path): 1.0 for path in training} or _installed()
    if last.resolve() in {font.resolve() for font in fonts}:
        raise UserError(
            f"{last.name} is held out for the test, and cannot be used for training: name another one"
        )
    return SoundFonts(fonts, last)


def _installed() -> dict[Path, float]:
    (first, share), *others = FONTS.items()
    found = {_required(first, None, "--soundfont"): share}
    for font, share in others:
        place = installed_soundfont(font.file)
        if place is None:
            console.say(f"{font.file} is not installed (Debian: {font.package}): it is not used")
        else:
            found[place] = share
    return found


def _required(font: SoundFont, path: str | None, flag: str) -> Path:
    place = installed_soundfont(font.file) if path is None else Path(path)
    if place is None or not place.is_file():
        raise UserError(
            f"{path or font.file} is not there: install {font.package} (Debian), or name another by {flag}"
        )
    return place
