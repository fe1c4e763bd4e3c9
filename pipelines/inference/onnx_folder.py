"""Folder of an ONNX export: its files, its record, and where a model has one; without TensorFlow."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import json
from pathlib import Path

from pipelines.errors import UserError
from pipelines.inference.model_folders import find_vocoder, trained_folder
from pipelines.nn.neural_vocoder.card import VocoderCard
from pipelines.nn.translator_card import MODEL_FILE, TRANSLATOR_FOLDER

NETWORK_FILE, VOCODER_FILE = "network.onnx", "vocoder.onnx"
RECORD_FILE = "export.json"
ONNX_FOLDER = "onnx"
"""Folder of a training run for the export of its newest translator."""

RUNTIME, CONVERTER = "onnxruntime", "tf2onnx"
"""Packages that run and that convert networks, of the extra `onnx`."""


@dataclasses.dataclass(frozen=True)
class NoiseInput:
    """Input of a network for noise, see `pipelines.nn.philox.position_noise`.

    Attributes:
        name: of the input.
        channels: numbers of a frame.
        seed: of the noise.
    """

    name: str
    channels: int
    seed: int


@dataclasses.dataclass(frozen=True)
class Record:
    """Record of an ONNX export.

    Attributes:
        translator: SHA-256 of the file of the network that was exported; empty if its style was changed.
        noise: inputs for noise.
        vocoder: SHA-256 of the file of the vocoder; empty without one.
        vocoder_card: of the vocoder; None without one.
    """

    translator: str
    noise: tuple[NoiseInput, ...]
    vocoder: str = ""
    vocoder_card: VocoderCard | None = None

    def save(self, folder: Path) -> None:
        """Writes the record into a folder."""
        (folder / RECORD_FILE).write_text(json.dumps(dataclasses.asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Record:
        """Reads the record of a folder.

        Raises:
            UserError: if it is missing or unreadable.
        """
        path = folder / RECORD_FILE
        try:
            values = json.loads(path.read_text())
            noise = tuple(NoiseInput(**each) for each in values["noise"])
            card = values["vocoder_card"]
            return cls(values["translator"], noise, values["vocoder"], VocoderCard(**card) if card else None)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UserError(f"{path} is missing or unreadable: export the model again") from error


def is_onnx(folder: Path) -> bool:
    """True if a folder holds an ONNX export."""
    return (folder / NETWORK_FILE).is_file()


def fingerprint(file: Path | None) -> str:
    """SHA-256 of a file; empty for None."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file else ""


def find(model: Path) -> Path | None:
    """Folder of the ONNX export of a model; None if it has none, or one of other weights or another inverter.

    Args:
        model: the export itself, the workdir of a training run, or the folder of its translator.
    """
    if is_onnx(model):
        return model
    folder = model / ONNX_FOLDER if (model / TRANSLATOR_FOLDER).is_dir() else model.parent / ONNX_FOLDER
    return folder if is_onnx(folder) and _is_current(folder, model) else None


def _is_current(folder: Path, model: Path) -> bool:
    """True if an export has the present weights of a training run, and of its vocoder."""
    try:
        record = Record.load(folder)
        is_current = record.translator == fingerprint(trained_folder(model) / MODEL_FILE)
        return is_current and record.vocoder == fingerprint(find_vocoder(model))
    except (OSError, UserError):
        return False


def has_runtime() -> bool:
    """True if onnxruntime is installed."""
    return importlib.util.find_spec(RUNTIME) is not None


def has_converter() -> bool:
    """True if tf2onnx is installed."""
    return importlib.util.find_spec(CONVERTER) is not None
