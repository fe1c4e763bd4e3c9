"""Names of bands, runs and files that a browser sends: one path component each, or an error."""

from __future__ import annotations

import re
import unicodedata

from pipelines import outputs
from pipelines.audio.song_files import SUFFIXES
from pipelines.errors import UserError

_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
"""Characters that a file system or a shell of some computer takes as something else."""
_LONGEST = 80
"""Bytes of a band's or a run's name, so that file names that contain both are legal."""


def require_name(text: object, what: str) -> str:
    """A name that is a single component of a path.

    Args:
        text: as it came.
        what: what it names, for the error message, such as "a band".

    Raises:
        UserError: if it is empty or too long, begins with a dot or a hyphen, or has a character such as "/".
    """
    name = unicodedata.normalize("NFC", text).strip() if isinstance(text, str) else ""
    if not name:
        raise UserError(f"{what} needs a name")
    if name[0] in ".-" or name[-1] == "." or _FORBIDDEN.search(name) or not name.isprintable():
        raise UserError(
            f'the name of {what} cannot begin with . or -, end with ., or contain / \\ : * ? " < > |'
        )
    if len(name.encode()) > _LONGEST:
        raise UserError(f"the name of {what} is too long: {_LONGEST} letters at most")
    return name


def song_file_name(text: str) -> str:
    """File name of an uploaded song: the last component of what the browser calls it, made harmless.

    Raises:
        UserError: if its suffix is not that of a song.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", text))[-1]
    stem, dot, suffix = last.rpartition(".")
    if not dot or suffix.lower() not in SUFFIXES:
        raise UserError(
            f"{last[:_LONGEST] or 'a file without a name'} is no song that can be read, by its ending"
        )
    legal = "".join(letter if letter.isprintable() else "_" for letter in _FORBIDDEN.sub("_", stem))
    return outputs.file_name(legal.strip().lstrip(".-") or "song", f".{suffix.lower()}")
