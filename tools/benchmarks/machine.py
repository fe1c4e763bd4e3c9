"""Description of the machine that numbers are measured on."""

from __future__ import annotations

import importlib.metadata
import os
from pathlib import Path
from typing import NamedTuple

from tools.benchmarks import timing

PEAKS = {"H200": 989.0, "H100 80GB HBM3": 989.0, "A100": 312.0}
"""Of GPUs whose names hold these words: TFLOP/s in bfloat16, dense, as their data sheets say."""


class Machine(NamedTuple):
    """A machine and what computes on it.

    Attributes:
        cores: that programs may use.
        processor: its name.
        device: the GPU's name; empty for none.
        versions: of the libraries, by name.
    """

    cores: int
    processor: str
    device: str
    versions: dict[str, str]

    def __str__(self) -> str:
        """One line."""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        device = f"; {self.device}" if self.device else ""
        return f"{self.processor}, {self.cores} cores{device}; {versions}"

    @property
    def peak_tflops(self) -> float | None:
        """In bfloat16; None if unknown."""
        return next((peak for name, peak in PEAKS.items() if name in self.device), None)


def this() -> Machine:
    """The machine that this runs on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(cores, _processor(), timing.apart(_device, None), _versions())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return "a processor that does not tell its name"


def _device(_: None) -> str:
    """In a process that ends, so that it holds nothing of the GPU."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    return str(tf.config.experimental.get_device_details(gpus[0])["device_name"]) if gpus else ""


def _versions() -> dict[str, str]:
    found = {}
    for name in ("tensorflow", "keras", "librosa", "torch"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
