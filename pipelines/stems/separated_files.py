"""Files of a separator's output folder: which of them is the voice and which the accompaniment, by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pipelines.stems.files import Role

_WORDS = {
    Role.INSTRUMENTAL: r"(?:no|non|minus|without)[^a-z]*vocals?|instrumental|accompaniment",
    Role.VOCALS: r"vocals?",
}
_ROLE = re.compile(
    rf"(?<![a-z])(?:{'|'.join(f'(?P<{role.value}>{words})' for role, words in _WORDS.items())})(?![a-z])"
)
_OTHER = re.compile(r"(?<![a-z])other(?![a-z])")


def find(files: Iterable[Path]) -> dict[Role, Path]:
    """Stems among audio files, by the first word in their names that tells.

    The first word, because a model's name may follow, as in "song_(Vocals)_instrumental_v2.wav". "other" is
    the accompaniment beside nothing but the vocals; beside drums and bass it is a part of it.

    Args:
        files: of several files of a role, the first by path is used.
    """
    ordered = sorted(files)
    found: dict[Role, Path] = {}
    for path in ordered:
        if match := _ROLE.search(path.stem.lower()):
            found.setdefault(Role(match.lastgroup), path)
    others = [path for path in ordered if _OTHER.search(path.stem.lower())]
    if set(found) == {Role.VOCALS} and len(ordered) == 2 and others:
        found[Role.INSTRUMENTAL] = others[0]
    return found
