"""Store of an evaluation's measurements and sounds in its folder, so that a killed evaluation resumes."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import re
import zipfile
from pathlib import Path

import numpy as np

from pipelines.audio import files
from pipelines.data import songs

_PEAK = 0.99
"""Largest sample of what is written for ears."""

_MEASURING = ("measures.py", "measurement.py", "recording.py")
"""The files beside this one that numbers depend on."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """Measurements of one sound.

    Attributes:
        values: by the column's key; what could not be measured is missing.
        features: windows [n, d] that style is judged by, by their name.
        problems: by the column's key: why there is no number, in a sentence.
        seconds: of processor time that every column took, by its key.
    """

    values: dict[str, float]
    features: dict[str, np.ndarray]
    problems: dict[str, str] = dataclasses.field(default_factory=dict)
    seconds: dict[str, float] = dataclasses.field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Writes a file at once or not at all."""
        plain = {"values": self.values, "problems": self.problems, "seconds": self.seconds}
        temporary = path.with_name(f".{path.name}.part")
        with temporary.open("wb") as file:
            np.savez(file, json=json.dumps(plain), **self.features)
        os.replace(temporary, path)

    @classmethod
    def load(cls, path: Path) -> Measured | None:
        """Measurements that `save` wrote; None if the file is missing or cannot be read as such."""
        try:
            # Opened here: NumPy leaves what it cannot read open.
            with path.open("rb") as opened, np.load(opened) as file:
                plain = json.loads(str(file["json"]))
                features = {name: file[name] for name in file.files if name != "json"}
                return cls(features=features, **plain)
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            return None


@dataclasses.dataclass(frozen=True)
class Store:
    """The folder of an evaluation.

    Attributes:
        folder: where the report goes.
        sample_rate: of all sounds, Hz.
    """

    folder: Path
    sample_rate: int

    @property
    def cache(self) -> Path:
        """Folder of the measurements, and of the sounds until they are measured."""
        return self.folder / "cache"

    def measured(self, key: str) -> Path:
        """The file of a `Measured`."""
        return self.cache / f"{key}.npz"

    def sound(self, key: str) -> Path:
        """The file of a sound as it is measured: float32 [samples], exact."""
        return self.cache / f"{key}.npy"

    def put_seconds(self, key: str, seconds: float) -> None:
        """Keeps how long a sound took to be made."""
        self._seconds(key).write_text(repr(seconds))

    def seconds(self, key: str) -> float | None:
        """Seconds that `put_seconds` stored; None if there are none."""
        path = self._seconds(key)
        return float(path.read_text()) if path.is_file() else None

    def _seconds(self, key: str) -> Path:
        return self.cache / f"{key}.seconds"

    def put(self, key: str, waveform: np.ndarray) -> Path:
        """Keeps a sound [samples] until it is measured; returns its file."""
        path = self.sound(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.part")
        with temporary.open("wb") as file:
            np.save(file, waveform.astype(np.float32))
        os.replace(temporary, path)
        return path

    def publish(self, method: str, song: str, waveform: np.ndarray) -> str:
        """Writes a sound [samples] for ears; returns its path relative to the folder.

        Peaks that would clip make it quieter.
        """
        path = self.folder / self.audio(method, song)
        path.parent.mkdir(parents=True, exist_ok=True)
        peak = float(np.abs(waveform).max(initial=0.0))
        with files.Writer(path, self.sample_rate, 1) as writer:
            writer.write(waveform[:, None] * np.float32(min(1.0, _PEAK / max(peak, _PEAK))))
        return self.audio(method, song)

    def audio(self, method: str, song: str) -> str:
        """Path of the file that `publish` writes, relative to the folder."""
        return f"audio/{method}/{_file_name(song)}.ogg"

    def clear_sounds(self) -> None:
        """Removes the sounds as they were measured; those for ears stay."""
        for path in self.cache.glob("*.npy"):
            path.unlink()


def key(*parts: object) -> str:
    """A name for what depends on these values and on the code that measures."""
    return hashlib.sha256(os.fsencode("\0".join(map(str, (_code(), *parts))))).hexdigest()[:20]


def file_identity(path: Path) -> str:
    """A file as far as a cache is concerned."""
    stat = path.stat()
    return f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}"


def _file_name(name: str) -> str:
    """A song's name where it can be a file's; else something like it, which no other song has."""
    harmless = re.sub(r"[^\w.+-]+", "-", name)
    return name if harmless == name else f"{harmless[:80]}-{songs.digest(name)}"


@functools.cache
def _code() -> str:
    """Changes when what measures changes: numbers by an older metric are measured again."""
    here, metrics = Path(__file__).parent, Path(files.__file__).parents[1] / "metrics"
    parts = (
        [here / name for name in _MEASURING] + sorted(metrics.glob("*.py")) + sorted(metrics.glob("*.npz"))
    )
    return hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()
