"""Choice of what runs the networks of a model; without TensorFlow."""

from __future__ import annotations

import enum
from pathlib import Path

from pipelines.errors import UserError
from pipelines.inference import onnx_folder


class Runtime(enum.Enum):
    """Runtime of the networks.

    ONNX is used by itself for a model that has an export of its present weights, if onnxruntime is installed.
    """

    AUTO = "auto"
    TENSORFLOW = "tensorflow"
    ONNX = "onnx"


def onnx_export(model: Path, runtime: Runtime, needs_tensorflow: str = "") -> Path | None:
    """Folder of the ONNX export that translates; None for TensorFlow.

    Args:
        model: training run, translator or export.
        runtime: the user's choice.
        needs_tensorflow: flag that only TensorFlow can follow; empty for none.

    Raises:
        UserError: if the model has no export for the choice, or the flag forbids it.
    """
    is_export = onnx_folder.is_onnx(model)
    if runtime is Runtime.TENSORFLOW or (needs_tensorflow and runtime is Runtime.AUTO):
        if is_export:
            reason = needs_tensorflow or f"--runtime {runtime.value}"
            raise UserError(f"{model} is an ONNX export, for which {reason} is not possible: name the run")
        return None
    if runtime is Runtime.AUTO and not is_export and not onnx_folder.has_runtime():
        return None
    if needs_tensorflow:
        raise UserError(f"{needs_tensorflow} is not possible with --runtime onnx: leave one of them out")
    found = onnx_folder.find(model)
    if found is None and runtime is Runtime.ONNX:
        raise UserError(
            f"{model} has no ONNX export of its present weights: `coverband export "
            f"--format onnx --model {model} --out {model / onnx_folder.ONNX_FOLDER}` writes one"
        )
    return found
