"""SoundFonts of renderings: those with a name, where they are, and which presets they have."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from pipelines import console
from pipelines.errors import UserError

DRUM_BANK = 128
"""Bank of the drum kits."""

_FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/sounds/sf3",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
)
_PRESET = struct.Struct("<20sHH14x")  # sfPresetHeader of the SoundFont specification 2.04, section 7.2


@dataclasses.dataclass(frozen=True)
class SoundFont:
    """General MIDI SoundFont of a Debian package.

    Attributes:
        file: file name.
        package: name of the Debian package.
        licence: licence for catalogues.
    """

    file: str
    package: str
    licence: str


FLUIDR3 = SoundFont("FluidR3_GM.sf2", "fluid-soundfont-gm", "Frank Wen, MIT licence")
MUSESCORE = SoundFont(
    "MuseScore_General.sf3", "musescore-general-soundfont", "Frank Wen and S. Christian Collins, MIT"
)
OPL3 = SoundFont("OPL-3_FM_128M.sf2", "opl3-soundfont", "Zandro Reveille, CC BY-SA 4.0")
TIMGM6MB = SoundFont("TimGM6mb.sf2", "timgm6mb-soundfont", "Tim Brechbill, GPL 2")
CSOUND = SoundFont("sf_GMbank.sf2", "csound-soundfont", "public domain")

NAMED = {
    "fluidr3": FLUIDR3,
    "musescore": MUSESCORE,
    "opl3": OPL3,
    "timgm6mb": TIMGM6MB,
    "csound": CSOUND,
}
"""SoundFonts by the name that --soundfont takes. No shipped weights were trained on the last two."""


def find_soundfont(argument: str | None = None) -> Path:
    """Path of a SoundFont.

    Args:
        argument: a key of NAMED, which is searched in the standard folders, or a path; None for FluidR3_GM.

    Raises:
        UserError: if the file does not exist.
    """
    named = NAMED.get(argument or "fluidr3")
    file = installed_soundfont(named.file) if named else Path(argument or "")
    if file is not None and file.is_file():
        return file
    if named:
        raise UserError(
            f"{named.file} is not there: install {named.package} (Debian), or give its path by --soundfont"
        )
    raise UserError(f"{argument} is not there: give a file, or one of {', '.join(NAMED)}, by --soundfont")


def installed_soundfont(name: str) -> Path | None:
    """Path of a SoundFont in a standard folder, by its file name; None if there is none."""
    return next((path for folder in _FOLDERS if (path := Path(folder, name)).is_file()), None)


def licence(font: Path) -> str:
    """Licence of the sounds; of an unknown SoundFont, only its name."""
    known = {each.file: each.licence for each in NAMED.values()}
    return f"sounds of {font.stem}" + (f", {known[font.name]}" if font.name in known else "")


def identity(font: Path) -> dict[str, str]:
    """Name and SHA-256 of a SoundFont, for the record of a rendering."""
    return {"name": font.stem, "sha256": hashlib.sha256(font.read_bytes()).hexdigest()}


def require_presets(font: Path, programs: Collection[int], kits: Collection[int]) -> None:
    """Checks that a SoundFont has all presets; prints which kits FluidSynth replaces by the standard kit.

    FluidSynth would replace a missing instrument by a piano, which is an error here.

    Args:
        font: the SoundFont.
        programs: General MIDI programs of the instruments.
        kits: programs of the drum kits.

    Raises:
        UserError: if an instrument or the standard kit is missing, or the file is no SoundFont.
    """
    found = presets(font)
    missing = sorted(program for program in programs if (0, program) not in found)
    if missing:
        raise UserError(
            f"{font} lacks the General MIDI programs {', '.join(map(str, missing))}, which the ensembles "
            "need: take another SoundFont"
        )
    for kit in sorted(kit for kit in kits if (DRUM_BANK, kit) not in found):
        if (DRUM_BANK, 0) not in found:
            raise UserError(f"{font} has no drum kit, which the jazz band needs: take another SoundFont")
        console.say(f"{font} lacks the drum kit {kit}: the standard kit is used in its place")


def presets(font: Path) -> set[tuple[int, int]]:
    """(bank, program) of every preset of a SoundFont 2 or 3.

    Raises:
        UserError: if the file is no SoundFont.
    """
    with font.open("rb") as file, contextlib.suppress(struct.error):
        kind, _, form = struct.unpack("<4sI4s", file.read(12))
        if (kind, form) == (b"RIFF", b"sfbk"):
            headers = _chunk(file, b"phdr")
            # The last header is a terminator.
            return {(bank, program) for _, program, bank in list(_PRESET.iter_unpack(headers))[:-1]}
    raise UserError(f"{font} is no SoundFont: name a file in the format sf2 or sf3")


def _chunk(file: BinaryIO, name: bytes) -> bytes:
    """Content of the first chunk of this name, in a list or outside; struct.error if there is none."""
    for found, size in _chunks(file):
        if found == name:
            return file.read(size)
    raise struct.error(f"no chunk {name!r}")


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Name and size of every chunk, with the file at its content; lists are entered."""
    while header := file.read(8):
        name, size = struct.unpack("<4sI", header)
        end = file.tell() + size + size % 2
        if name == b"LIST":
            file.seek(4, 1)
            continue
        yield name, size
        file.seek(end)
