"""Devices of this machine in one sentence, with what to install where a GPU is not used."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

Version = tuple[int, ...]

OLDEST_DRIVER = (525, 60, 13)
"""The oldest driver of NVIDIA's for CUDA 12 (CUDA Toolkit release notes, minor version compatibility)."""

_NVIDIA, _DISPLAY = "0x10de", "0x03"


@dataclasses.dataclass(frozen=True)
class Hardware:
    """Facts about a machine and the TensorFlow on it.

    Attributes:
        cores: CPU cores that this process may use.
        tensorflow: its version.
        cuda: whether it is built with CUDA.
        built_for: the highest CUDA compute capability that it has code for; empty if unknown.
        used: names of the GPUs that it lists.
        capability: the highest compute capability of those; empty if unknown.
        present: names of the GPUs that the machine has, where TensorFlow lists none.
        driver: version of NVIDIA's driver; empty if none is loaded.
        libraries: whether CUDA's libraries are installed as Python packages.
        visible: the environment's CUDA_VISIBLE_DEVICES; None if it is not set.
    """

    cores: int
    tensorflow: str
    cuda: bool = True
    built_for: Version = ()
    used: Sequence[str] = ()
    capability: Version = ()
    present: Sequence[str] = ()
    driver: Version = ()
    libraries: bool = True
    visible: str | None = None

    @classmethod
    def from_machine(cls) -> Hardware:
        """Facts about this machine; `nvidia-smi` is started only if TensorFlow lists no GPU."""
        build = tf.sysconfig.get_build_info()
        details = [
            tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")
        ]
        present, driver = ([], ()) if details else _present()
        return cls(
            cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
            tensorflow=tf.__version__,
            cuda=build["is_cuda_build"],
            built_for=max(map(_capability, build.get("cuda_compute_capabilities", ())), default=()),
            used=[each.get("device_name", "GPU") for each in details],
            capability=max((each.get("compute_capability", ()) for each in details), default=()),
            present=present,
            driver=driver,
            libraries=_has_libraries(),
            visible=os.environ.get("CUDA_VISIBLE_DEVICES"),
        )

    def __str__(self) -> str:
        """One sentence: the devices, and what to install if a GPU cannot be used."""
        if not self.used:
            cores = f"{self.cores} CPU core{'s' if self.cores > 1 else ''}, TensorFlow {self.tensorflow}"
            return f"{cores}; {self._why_none()}"
        too_new = self.built_for and self.capability[:1] > self.built_for[:1]
        return f"{_counted(self.used)}, TensorFlow {self.tensorflow}{self._too_new() if too_new else ''}"

    def _why_none(self) -> str:
        if not self.present:
            return "no GPU found (see docs/distributed.md)"
        name = _counted(self.present)
        if self.visible in ("", "-1"):
            return f"CUDA_VISIBLE_DEVICES hides {name}: unset it to train there"
        if not self.driver:
            return (
                f"{name} has no driver: install NVIDIA's, version {_dotted(OLDEST_DRIVER)} or newer "
                "(a container has to be started with --gpus all)"
            )
        if self.driver < OLDEST_DRIVER:
            return (
                f"the driver of {name}, {_dotted(self.driver)}, is too old for CUDA 12: install "
                f"{_dotted(OLDEST_DRIVER)} or newer"
            )
        if not self.cuda:
            return f"this TensorFlow is built without CUDA and cannot use {name}: {self._install()}"
        if not self.libraries:
            return f"CUDA's libraries are missing, so that {name} is not used: {self._install()}"
        return f"TensorFlow cannot use {name}: it says why with TF_CPP_MIN_LOG_LEVEL=0 in the environment"

    def _too_new(self) -> str:
        return (
            f", which has no code for its compute capability ({_dotted(self.capability)}; at most "
            f"{_dotted(self.built_for)}): if training fails, use NVIDIA's TensorFlow container, or set "
            "CUDA_VISIBLE_DEVICES=-1 to train on the CPU"
        )

    def _install(self) -> str:
        lane = "constraints.txt" if self.tensorflow.startswith("2.17.") else "constraints-latest.txt"
        return f'pip install -c {lane} ".[gpu]"'


def _present() -> tuple[list[str], Version]:
    """Names of NVIDIA's GPUs in this machine, and the version of their driver."""
    query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return _on_bus(Path("/sys/bus/pci/devices")), ()
    rows = [line.rsplit(", ", 1) for line in answer.splitlines() if ", " in line]
    return [name for name, _ in rows], _version(rows[0][1]) if rows else ()


def _on_bus(devices: Path) -> list[str]:
    """NVIDIA's display controllers, which the PCI bus shows without a driver; it has no names for them."""
    try:
        kinds = [((each / "vendor").read_text(), (each / "class").read_text()) for each in devices.iterdir()]
    except OSError:
        return []
    return ["NVIDIA GPU" for vendor, kind in kinds if vendor.strip() == _NVIDIA and kind.startswith(_DISPLAY)]


def _has_libraries() -> bool:
    try:
        return importlib.util.find_spec("nvidia.cudnn") is not None
    except ModuleNotFoundError:
        return False


def _capability(architecture: str) -> Version:
    """(9, 0) of "sm_90" or "compute_90a"; empty if it has no form that is known."""
    found = re.fullmatch(r"(?:sm|compute)_(\d+)(\d)[af]?", architecture)
    return (int(found[1]), int(found[2])) if found else ()


def _version(text: str) -> Version:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))


def _counted(names: Sequence[str]) -> str:
    """ "1 GPU: NVIDIA H100", "3 GPUs: NVIDIA A100 (2), NVIDIA L4"."""
    each = [name if count == 1 else f"{name} ({count})" for name, count in Counter(names).items()]
    return f"{len(names)} GPU{'s' if len(names) > 1 else ''}: {', '.join(each)}"
