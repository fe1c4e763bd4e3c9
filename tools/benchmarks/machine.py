"""Description of the machine that a benchmark runs on."""

from __future__ import annotations

import importlib.metadata
import os
from pathlib import Path
from typing import NamedTuple

from tools.benchmarks import timing

PEAKS = {"H200": 989.0, "H100 80GB HBM3": 989.0, "A100": 312.0}
"""Peak of GPUs by a part of their names: TFLOP/s in bfloat16, dense, from their data sheets."""


class Machine(NamedTuple):
    """Hardware and library versions.

    Attributes:
        cores: number of cores that this process may use.
        processor: name of the processor.
        device: name of the GPU; empty for none.
        versions: version by library.
    """

    cores: int
    processor: str
    device: str
    versions: dict[str, str]

    def __str__(self) -> str:
        """Description in one line."""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        device = f"; {self.device}" if self.device else ""
        return f"{self.processor}, {self.cores} cores{device}; {versions}"

    @property
    def peak_tflops(self) -> float | None:
        """Peak of the GPU in bfloat16, TFLOP/s; None if unknown."""
        return next((peak for name, peak in PEAKS.items() if name in self.device), None)


def this() -> Machine:
    """Machine of this process."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(cores, _processor(), timing.apart(_device, None), _versions())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return "unknown processor"


def _device(_: None) -> str:
    """Name of the GPU; to be called in a process of its own, which allocates memory of the GPU."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    return str(tf.config.experimental.get_device_details(gpus[0])["device_name"]) if gpus else ""


def _versions() -> dict[str, str]:
    versions = {}
    for name in ("tensorflow", "keras", "librosa", "torch"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
