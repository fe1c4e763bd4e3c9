"""Download and unpacking of Debian packages by apt-get and dpkg-deb, without root, into a cache folder."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from pipelines import console, locks
from pipelines.errors import UserError

_UNFINISHED = ".part-"
"""Prefix of folders that a killed process may have left behind."""


@dataclasses.dataclass(frozen=True)
class Unpacked:
    """Unpacked package.

    Attributes:
        name: of the package.
        version: as in the name of its file.
        folder: with the package's files.
    """

    name: str
    version: str
    folder: Path


@contextlib.contextmanager
def opened(cache: Path) -> Iterator[None]:
    """Context manager that creates the cache folder, locks it, and removes what a killed process left.

    Raises:
        UserError: if another process uses the folder.
        OSError: if it cannot be created.
    """
    for name in ("debs", "unpacked"):
        (cache / name).mkdir(parents=True, exist_ok=True)
    with locks.exclusive(
        cache / ".lock", lambda pid: f"process {pid} fetches into {cache}: wait for its end"
    ):
        for path in cache.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(path, ignore_errors=True)
        yield


def fetch(package: str, cache: Path, debs: Path | None = None) -> Unpacked:
    """Unpacked package; nothing is done for one that is in the cache already.

    Args:
        package: name of a Debian package.
        cache: folder, see `opened`.
        debs: folder with .deb files as Debian names them, used before those of the cache and before apt-get.

    Raises:
        UserError: if the package cannot be downloaded or unpacked; the message begins with its name.
    """
    deb = (debs and _find(package, debs)) or _find(package, cache / "debs") or _download(package, cache)
    version = unquote(deb.stem.split("_")[1])
    return Unpacked(package, version, _unpack(package, deb, cache))


def _find(package: str, folder: Path) -> Path | None:
    found = sorted(folder.glob(f"{package}_*.deb"))
    if len(found) > 1:
        raise UserError(f"{package}: {folder} holds {len(found)} versions of it: leave one there")
    return found[0] if found else None


def _download(package: str, cache: Path) -> Path:
    console.say(f"{package}: fetching")
    with _scratch(cache) as scratch:
        try:
            _run(["apt-get", "download", package], scratch)
        except subprocess.CalledProcessError as error:
            raise UserError(
                f"{package}: cannot be fetched ({_reason(error)}): check the network and apt's sources, or "
                "name a folder with its .deb file by --debs"
            ) from error
        except FileNotFoundError as error:
            raise UserError(
                f"{package}: cannot be fetched, since there is no apt-get: fetch its .deb file otherwise, "
                "and name the folder by --debs"
            ) from error
        deb = _find(package, scratch)
        if deb is None:
            raise UserError(f"{package}: apt-get fetched no file of that name: name a folder by --debs")
        return deb.replace(cache / "debs" / deb.name)


def _unpack(package: str, deb: Path, cache: Path) -> Path:
    target = cache / "unpacked" / deb.stem
    if target.is_dir():
        return target
    console.say(f"{package}: unpacking")
    with _scratch(cache) as scratch:
        files = scratch / "files"
        try:
            _run(["dpkg-deb", "-x", str(deb.absolute()), str(files)], scratch)
        except subprocess.CalledProcessError as error:
            raise UserError(
                f"{package}: cannot be unpacked ({_reason(error)}): remove {deb}, and fetch it again"
            ) from error
        except FileNotFoundError as error:
            raise UserError(
                f"{package}: cannot be unpacked, since there is no dpkg-deb: install the package dpkg"
            ) from error
        os.replace(files, target)
    return target


@contextlib.contextmanager
def _scratch(cache: Path) -> Iterator[Path]:
    """Context manager of a folder on the disk of the cache; unique, as a killed process's child may go on."""
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=cache) as folder:
        yield Path(folder).absolute()


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=True,
    )


def _reason(error: subprocess.CalledProcessError) -> str:
    """Last error line of a program, without its prefix."""
    lines = [line for line in error.stderr.splitlines() if line.strip() and not line.startswith("W:")]
    if not lines:
        return f"exit code {error.returncode}"
    return lines[-1].removeprefix("E: ").removeprefix("dpkg-deb: error: ").strip()
