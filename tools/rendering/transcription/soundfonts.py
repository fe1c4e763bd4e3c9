"""SoundFonts of the transcription data: those to train with, and the one held out for the test."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from pipelines import console
from pipelines.errors import UserError
from tools.rendering import synth


@dataclasses.dataclass(frozen=True)
class Font:
    """A SoundFont that Debian ships.

    Attributes:
        file: its name.
        package: of Debian.
        share: of the lessons, beside the others' shares.
        licence: its own, for the lessons' list.
    """

    file: str
    package: str
    share: float
    licence: str


FONTS = (
    Font("FluidR3_GM.sf2", "fluid-soundfont-gm", 0.5, "Frank Wen, MIT licence"),
    Font(
        "MuseScore_General.sf3", "musescore-general-soundfont", 0.4, "Frank Wen and S. Christian Collins, MIT"
    ),
    Font("OPL-3_FM_128M.sf2", "opl3-soundfont", 0.1, "Zandro Reveille, CC BY-SA 4.0"),
)
"""Of the lessons to learn from; the first is required. The last imitates a sound card: it gets little."""

HELD_OUT = Font("TimGM6mb.sf2", "timgm6mb-soundfont", 1.0, "Tim Brechbill, GPL 2")
"""Of the test."""


@dataclasses.dataclass(frozen=True)
class Orchestra:
    """The SoundFonts of a run.

    Attributes:
        taught: those to learn from, with their shares.
        held_out: that of the test only.
    """

    taught: dict[Path, float]
    held_out: Path


def orchestra(taught: Sequence[str], held_out: str | None) -> Orchestra:
    """Finds the SoundFonts.

    Args:
        taught: paths to use in place of FONTS, all with the same share.
        held_out: path to use in place of HELD_OUT.

    Raises:
        UserError: if one that is named or required is missing, or one is in both roles.
    """
    last = _required(HELD_OUT, held_out, "--held_out")
    fonts = {synth.find_soundfont(path): 1.0 for path in taught} or _usual()
    if last.resolve() in {font.resolve() for font in fonts}:
        raise UserError(f"{last.name} is held out for the test, and is to be learnt from: name another one")
    return Orchestra(fonts, last)


def licence(font: Path) -> str:
    """Of the sounds; a SoundFont that is not listed here is only named."""
    known = {each.file: each.licence for each in (*FONTS, HELD_OUT)}
    return f"sounds of {font.stem}" + (f", {known[font.name]}" if font.name in known else "")


def _usual() -> dict[Path, float]:
    first = _required(FONTS[0], None, "--soundfont")
    found = {first: FONTS[0].share}
    for font in FONTS[1:]:
        place = synth.usual_place(font.file)
        if place is None:
            console.say(f"{font.file} is not installed (Debian: {font.package}): the lessons go without it")
        else:
            found[place] = font.share
    return found


def _required(font: Font, path: str | None, flag: str) -> Path:
    place = synth.usual_place(font.file) if path is None else Path(path)
    if place is None or not place.is_file():
        raise UserError(
            f"{path or font.file} is not there: install {font.package} (Debian), or name another by {flag}"
        )
    return place
