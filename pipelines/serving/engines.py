"""Engine of an exported model, by what the export is."""

from __future__ import annotations

from pathlib import Path

from pipelines.inference.onnx_folder import is_onnx
from pipelines.serving.engine import Engine


def load(folder: Path, song_seconds: float) -> Engine:
    """Loads an exported model; nothing is unpickled.

    Args:
        folder: of a SavedModel, which TensorFlow runs, or of an ONNX export.
        song_seconds: length of the longest waveform of a prediction.

    Raises:
        UserError: if the model is damaged.
    """
    if is_onnx(folder):
        from pipelines.serving.onnx_engine import OnnxEngine

        return OnnxEngine(folder, song_seconds)
    from pipelines.serving.saved_model_engine import SavedModelEngine

    return SavedModelEngine(folder, song_seconds)
