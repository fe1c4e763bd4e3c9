"""Store of an evaluation's measurements and audio in its folder, so that a killed evaluation resumes."""

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

from pipelines import outputs
from pipelines.audio import files

_PEAK = 0.99
"""Largest sample of published audio."""

_MEASURING_MODULES = (
    "measures.py",
    "measurement.py",
    "recording.py",
    "eq_match.py",
    "mel_levels.py",
    "moment_match.py",
)
"""Modules beside this one whose code determines the measured numbers."""


@dataclasses.dataclass(frozen=True)
class Measurements:
    """Measurements of one recording.

    Attributes:
        values: numbers by column key; those that could not be measured are left out.
        features: windows [n, d] of the style features, by feature name.
        missing: reasons for missing numbers, a sentence each, by column key.
        seconds: processor time of each measurement, by column key.
    """

    values: dict[str, float]
    features: dict[str, np.ndarray]
    missing: dict[str, str] = dataclasses.field(default_factory=dict)
    seconds: dict[str, float] = dataclasses.field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Writes a file atomically."""
        plain = {"values": self.values, "missing": self.missing, "seconds": self.seconds}
        temporary = path.with_name(f".{path.name}.part")
        with temporary.open("wb") as file:
            np.savez(file, json=json.dumps(plain), **self.features)
        os.replace(temporary, path)

    @classmethod
    def load(cls, path: Path) -> Measurements | None:
        """Loads measurements that `save` wrote; None if the file is missing or damaged."""
        try:
            # Opened here because np.load does not close a file that it cannot read.
            with path.open("rb") as opened, np.load(opened) as file:
                plain = json.loads(str(file["json"]))
                features = {name: file[name] for name in file.files if name != "json"}
                return cls(features=features, **plain)
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            return None


@dataclasses.dataclass(frozen=True)
class Store:
    """Folder of an evaluation: report, published audio and a cache of measurements.

    Attributes:
        folder: folder of the report.
        sample_rate: of all audio, Hz.
    """

    folder: Path
    sample_rate: int

    @property
    def cache(self) -> Path:
        """Folder of the measurements, and of waveforms until they are measured."""
        return self.folder / "cache"

    def measurements(self, key: str) -> Path:
        """Path of a file of `Measurements`."""
        return self.cache / f"{key}.npz"

    def waveform(self, key: str) -> Path:
        """Path of a waveform to be measured: .npy, float32 [samples]."""
        return self.cache / f"{key}.npy"

    def put_seconds(self, key: str, seconds: float) -> None:
        """Stores the processor time of a translation."""
        self._seconds(key).write_text(repr(seconds))

    def seconds(self, key: str) -> float | None:
        """Seconds that `put_seconds` stored; None if there are none."""
        path = self._seconds(key)
        return float(path.read_text()) if path.is_file() else None

    def _seconds(self, key: str) -> Path:
        return self.cache / f"{key}.seconds"

    def put_waveform(self, key: str, waveform: np.ndarray) -> Path:
        """Stores a waveform [samples] until it is measured; returns its path."""
        path = self.waveform(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.part")
        with temporary.open("wb") as file:
            np.save(file, waveform.astype(np.float32))
        os.replace(temporary, path)
        return path

    def publish(self, method: str, song: str, waveform: np.ndarray) -> str:
        """Writes a waveform [samples] as Ogg Vorbis; returns its path relative to the folder.

        A waveform that would clip is attenuated.
        """
        path = self.folder / self.audio(method, song)
        path.parent.mkdir(parents=True, exist_ok=True)
        peak = float(np.abs(waveform).max(initial=0.0))
        with files.AudioWriter(path, self.sample_rate, 1) as writer:
            writer.write(waveform[:, None] * np.float32(min(1.0, _PEAK / max(peak, _PEAK))))
        return self.audio(method, song)

    def audio(self, method: str, song: str) -> str:
        """Path of the file that `publish` writes, relative to the folder."""
        return f"audio/{method}/{_file_name(song)}.ogg"

    def clear_waveforms(self) -> None:
        """Removes the waveforms in the cache; published audio stays."""
        for path in self.cache.glob("*.npy"):
            path.unlink()


def cache_key(*parts: object) -> str:
    """Hash of these values and of the measuring code, 20 hexadecimal digits."""
    return hashlib.sha256(os.fsencode("\0".join(map(str, (_code_digest(), *parts))))).hexdigest()[:20]


def file_identity(path: Path) -> str:
    """Path, size and modification time of a file, as part of a cache key."""
    stat = path.stat()
    return f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}"


def _file_name(name: str) -> str:
    """A song's name if it is a safe file name; else a sanitised name, made unique by a digest."""
    sanitised = re.sub(r"[^\w.+-]+", "-", name)
    return name if sanitised == name else f"{sanitised[:80]}-{outputs.digest(name)}"


@functools.cache
def _code_digest() -> str:
    """Hash of the measuring code: measurements of an older version are not reused."""
    here, metrics = Path(__file__).parent, Path(files.__file__).parents[1] / "metrics"
    modules = [here / name for name in _MEASURING_MODULES]
    parts = [*modules, *sorted(metrics.glob("*.py")), *sorted(metrics.glob("*.npz"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()
