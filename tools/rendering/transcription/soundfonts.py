"""SoundFonts of the transcription data: those for training, and the one held out for the test."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from pipelines import console
from pipelines.errors import UserError
from tools.rendering import synth


@dataclasses.dataclass(frozen=True)
class Package:
    """SoundFont of a Debian package.

    Attributes:
        file: file name.
        package: name of the Debian package.
        share: relative share of the recordings.
        licence: licence for the catalogue.
    """

    file: str
    package: str
    share: float
    licence: str


FONTS = (
    Package("FluidR3_GM.sf2", "fluid-soundfont-gm", 0.5, "Frank Wen, MIT licence"),
    Package(
        "MuseScore_General.sf3", "musescore-general-soundfont", 0.4, "Frank Wen and S. Christian Collins, MIT"
    ),
    Package("OPL-3_FM_128M.sf2", "opl3-soundfont", 0.1, "Zandro Reveille, CC BY-SA 4.0"),
)
"""SoundFonts for training; the first is required. The last one emulates a sound card, hence its share."""

HELD_OUT = Package("TimGM6mb.sf2", "timgm6mb-soundfont", 1.0, "Tim Brechbill, GPL 2")
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
    fonts = {synth.find_soundfont(path): 1.0 for path in training} or _installed()
    if last.resolve() in {font.resolve() for font in fonts}:
        raise UserError(
            f"{last.name} is held out for the test, and cannot be used for training: name another one"
        )
    return SoundFonts(fonts, last)


def licence(font: Path) -> str:
    """Licence of the sounds; of an unknown SoundFont, only its name."""
    known = {each.file: each.licence for each in (*FONTS, HELD_OUT)}
    return f"sounds of {font.stem}" + (f", {known[font.name]}" if font.name in known else "")


def _installed() -> dict[Path, float]:
    first = _required(FONTS[0], None, "--soundfont")
    found = {first: FONTS[0].share}
    for font in FONTS[1:]:
        place = synth.installed_soundfont(font.file)
        if place is None:
            console.say(f"{font.file} is not installed (Debian: {font.package}): it is not used")
        else:
            found[place] = font.share
    return found


def _required(font: Package, path: str | None, flag: str) -> Path:
    place = synth.installed_soundfont(font.file) if path is None else Path(path)
    if place is None or not place.is_file():
        raise UserError(
            f"{path or font.file} is not there: install {font.package} (Debian), or name another by {flag}"
        )
    return place
