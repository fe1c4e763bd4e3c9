"""Songs with stems that the fake separator finds."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.stems import fake_separator
from tests.stems.songs import accompaniment, voice, write


def command(kind: str) -> str:
    """Command line of the fake separator."""
    return f'"{sys.executable}" "{fake_separator.__file__}" "{kind}" {{song}} {{output}}'


def write_song(folder: Path, name: str, seconds: float = 2.0, seed: int = 0) -> Path:
    """Song in folder/songs, and its stems in folder/truth."""
    singer, rest = 0.5 * voice(seconds, seed=seed), 0.5 * accompaniment(seconds)
    truth = folder / "truth" / name
    truth.mkdir(parents=True)
    (folder / "songs").mkdir(exist_ok=True)
    write(truth / "vocals.wav", singer)
    write(truth / "instrumental.wav", rest)
    return write(folder / "songs" / f"{name}.wav", singer + rest)


def runs(folder: Path) -> list[str]:
    """Songs that were separated, in order."""
    log = folder / "truth" / "runs"
    return log.read_text().splitlines() if log.exists() else []
