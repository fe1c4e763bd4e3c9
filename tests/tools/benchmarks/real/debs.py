"""Small .deb files of songs, and programs that stand for apt-get and dpkg-deb."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile

needs_dpkg = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs dpkg-deb")


def write_song(path: Path, seconds: float = 31.0, title: str = "", artist: str = ""):
    """Writes a tone of 8 kHz, mono, in the format of the path's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(round(seconds * 8000)) / 8000
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        if title:
            file.title = title
        if artist:
            file.artist = artist
        file.write(0.1 * np.sin(2 * np.pi * 220.0 * times))


def build(folder: Path, package: str, songs: Mapping[str, float], root: str, version: str = "1:2-3") -> Path:
    """Builds a .deb file with the name that apt-get would give it.

    Args:
        folder: for the file.
        package: name of the package.
        songs: seconds of each song, by its path relative to the root.
        root: path of the songs in the package.
        version: of the package.
    """
    tree = folder / f"{package}.tree"
    made: dict[tuple[float, str], Path] = {}
    for name, seconds in songs.items():
        path = tree / root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if (seconds, path.suffix) in made:  # encoding takes long
            shutil.copy(made[seconds, path.suffix], path)
        else:
            write_song(path, seconds)
            made[seconds, path.suffix] = path
    return packed(tree, folder, package, version)


def packed(tree: Path, folder: Path, package: str, version: str = "1:2-3") -> Path:
    """Builds a .deb file of a tree of files, which is removed."""
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir(parents=True)
    fields = {
        "Package": package,
        "Version": version,
        "Architecture": "all",
        "Maintainer": "Nobody <nobody@example.org>",
        "Description": "songs",
    }
    control.write_text("".join(f"{key}: {value}\n" for key, value in fields.items()))
    deb = folder / f"{package}_{version.replace(':', '%3a')}_all.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, deb], check=True, capture_output=True
    )
    shutil.rmtree(tree)
    return deb


def program(folder: Path, name: str, script: str) -> None:
    """Writes an executable shell script."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
