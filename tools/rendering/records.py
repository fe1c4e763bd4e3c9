"""Remembers which files were made of what and passed their check, so that a killed run goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

CHECKED = ".checked"
"""Folder of what is known of every file that passed its check."""


def known(out: Path, path: str, key: str) -> dict[str, Any] | None:
    """The row of a file that is there, was made of the same, and is whole.

    Args:
        out: the folder.
        path: of the file, below it.
        key: what it is made of.
    """
    try:
        record = json.loads(_record(out, path).read_text())
        same = record["key"] == key and (out / path).stat().st_size == record["row"]["bytes"]
    except (OSError, ValueError, KeyError):
        return None
    return record["row"] if same else None


def remember(out: Path, key: str, row: dict[str, Any], files: Sequence[str]) -> None:
    """Notes that a file passed its check.

    Args:
        out: the folder.
        key: what it is made of.
        row: what is known of it; its length is under "bytes".
        files: its path below the folder, then those of whatever goes with it.
    """
    write(_record(out, files[0]), json.dumps({"key": key, "row": row, "files": list(files)}).encode())


def remove_others(out: Path, wanted: Collection[str]) -> None:
    """Removes what was once rendered and is not wanted any more; other files are not touched.

    Args:
        out: the folder.
        wanted: paths of files that are; what goes with them stays, even if it went with others, too.
    """
    found = {_path(out, record): record for record in sorted((out / CHECKED).rglob("*.json"))}
    kept = {file for path, record in found.items() if path in wanted for file in _files(record, path)}
    for path, record in found.items():
        if path not in wanted:
            for file in set(_files(record, path)) - kept:
                (out / file).unlink(missing_ok=True)
            record.unlink()


def write(path: Path, data: bytes) -> None:
    """Writes a file, whole or not at all; folders are made as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".new-{path.name}")
    new.write_bytes(data)
    os.replace(new, path)


def _record(out: Path, path: str) -> Path:
    return out / CHECKED / f"{path}.json"


def _path(out: Path, record: Path) -> str:
    return str(record.relative_to(out / CHECKED).with_suffix(""))


def _files(record: Path, path: str) -> list[str]:
    """Paths of the files that were made for a song; of a damaged record, only the path in its name."""
    try:
        return json.loads(record.read_text())["files"]
    except (ValueError, KeyError):
        return [path]
