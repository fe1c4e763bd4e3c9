"""Records of rendered files that passed their check, so that an interrupted run resumes."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

CHECKED = ".checked"
"""Folder of the records, below the output folder."""

Row = dict[str, Any]
"""Row of a catalogue; "bytes" is the size of the file."""


def render_once(out: Path, key: str, files: Sequence[str], render: Callable[[], Row]) -> Row:
    """Row of a file, which is rendered unless a complete one with the same key exists.

    Args:
        out: output folder.
        key: hash of everything that the file depends on.
        files: path of the file below the output folder, then paths of the files that belong to it.
        render: renders and checks the file, and returns its row.
    """
    row = load(out, files[0], key)
    if row is None:
        row = render()
        save(out, key, row, files)
    return row


def load(out: Path, path: str, key: str) -> Row | None:
    """Row of a file; None unless the file exists, has the same key and is complete.

    Args:
        out: output folder.
        path: path of the file below the output folder.
        key: hash of everything that the file depends on.
    """
    try:
        record = json.loads(_record(out, path).read_text())
        valid = record["key"] == key and (out / path).stat().st_size == record["row"]["bytes"]
    except (OSError, ValueError, KeyError):
        return None
    return record["row"] if valid else None


def save(out: Path, key: str, row: Row, files: Sequence[str]) -> None:
    """Records that a file passed its check; arguments as of `render_once`."""
    write(_record(out, files[0]), json.dumps({"key": key, "row": row, "files": list(files)}).encode())


def remove_stale(out: Path, planned: Collection[str]) -> None:
    """Removes rendered files that are no longer planned; other files of the folder are not touched.

    Args:
        out: output folder.
        planned: paths of the planned files; files that belong to them are kept.
    """
    recorded = {_path(out, record): record for record in sorted((out / CHECKED).rglob("*.json"))}
    kept = {file for path, record in recorded.items() if path in planned for file in _files(record, path)}
    for path, record in recorded.items():
        if path not in planned:
            for file in set(_files(record, path)) - kept:
                (out / file).unlink(missing_ok=True)
            record.unlink()


def write(path: Path, data: bytes) -> None:
    """Writes a file atomically; missing folders are created."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as new:
        new.write_bytes(data)


@contextlib.contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Context with the path of a temporary file, which replaces `path` unless an exception is raised."""
    new = path.with_name(f".new-{path.name}")
    new.unlink(missing_ok=True)
    try:
        yield new
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _record(out: Path, path: str) -> Path:
    return out / CHECKED / f"{path}.json"


def _path(out: Path, record: Path) -> str:
    return str(record.relative_to(out / CHECKED).with_suffix(""))


def _files(record: Path, path: str) -> list[str]:
    """Paths in a record; of a damaged record, only the path in its name."""
    try:
        return json.loads(record.read_text())["files"]
    except (ValueError, KeyError):
        return [path]
