"""The files of a run's checkpoints, found by what is there: `step-N.index` and the shards of its data."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

PREFIX = "step"
_DRAFT = ".new"
_FILE = re.compile(rf"{PREFIX}-(\d+)\.(?:index|data-(\d+)-of-(\d+))")
_TENSORFLOWS_INDEX = "checkpoint"
"""List of checkpoints by `tf.train.CheckpointManager`, which earlier versions used."""


def steps(folder: Path) -> list[int]:
    """The steps that were written to their end, which is the index, rising; one that lacks shards is missed.

    Shards without an index are what a kill in the middle of `write` has left; `write` removes them.
    """
    return sorted(
        step for step, files in _files(folder).items() if any(file.suffix == ".index" for file in files)
    )


def newest(folder: Path) -> int | None:
    """The last step of which the index and every shard is there; None when there is none."""
    return max(_whole_steps(folder), default=None)


def prefix(folder: Path, step: int) -> str:
    """The path of a checkpoint as TensorFlow wants it: that of its files without their endings."""
    return str(folder / f"{PREFIX}-{step}")


def write(folder: Path, step: int, save: Callable[[Path], None], keep: int) -> None:
    """Writes a checkpoint beside the others, the index last, and removes those that it makes superfluous.

    A kill leaves the earlier checkpoints, and files that `sweep` removes.

    Args:
        folder: of the checkpoints; made if it does not exist.
        step: of the new one; an old one of the same step is replaced.
        save: writes the checkpoint's files into a folder.
        keep: how many whole ones of up to this step stay.
    """
    draft = folder / _DRAFT
    sweep(folder)
    draft.mkdir(parents=True)
    try:
        save(draft)
        for file in sorted(draft.iterdir()):  # "data-..." is sorted before "index"
            os.replace(file, folder / file.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)  # On a full disk, half a checkpoint is room for others.
    _remove_older(folder, step, keep)
    (folder / _TENSORFLOWS_INDEX).unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Removes what a kill in the middle of `write`, or of an earlier version's, has left."""
    leftovers = [folder / _DRAFT, *folder.glob(f"{PREFIX}-*_temp"), *folder.glob(f"{PREFIX}-*.tempstate*")]
    for path in leftovers:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _remove_older(folder: Path, step: int, keep: int) -> None:
    """Removes the files of all steps before the newest `keep` whole ones that are not after `step`."""
    stay = [each for each in _whole_steps(folder) if each <= step][-keep:]
    for old, files in _files(folder).items():
        if old < step and old not in stay:
            for file in files:
                file.unlink()


def _whole_steps(folder: Path) -> list[int]:
    return [step for step, files in sorted(_files(folder).items()) if _is_whole(files)]


def _files(folder: Path) -> dict[int, list[Path]]:
    found: dict[int, list[Path]] = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        if match := _FILE.fullmatch(path.name):
            found.setdefault(int(match[1]), []).append(path)
    return found


def _is_whole(files: list[Path]) -> bool:
    shards: dict[int, set[int]] = {}
    index = False
    for match in (_FILE.fullmatch(file.name) for file in files):
        assert match is not None
        if match[2] is None:
            index = True
        else:
            shards.setdefault(int(match[3]), set()).add(int(match[2]))
    return index and any(len(found) == count for count, found in shards.items())
