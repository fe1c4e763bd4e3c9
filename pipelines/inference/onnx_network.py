"""Networks of an ONNX export, run by onnxruntime without TensorFlow."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.audio.arrays.inversion import SourcePhase
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.inference import onnx_folder
from pipelines.inference.array_window_translator import ArrayWindowTranslator
from pipelines.inference.onnx_folder import NETWORK_FILE, VOCODER_FILE, Record
from pipelines.inference.window_translation import ChannelInverter
from pipelines.nn.dials import AUTOMATIC
from pipelines.nn.neural_vocoder.array_inverter import ArrayNeuralInverter
from pipelines.nn.philox import position_noise
from pipelines.nn.translator_card import CLOSENESS, LOG_MEL, load_card


class OnnxNetwork:
    """Network of a translator on arrays, see `pipelines.nn.translator.translate`."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        """Loads a network.

        Args:
            folder: of the export.
            threads: of the computation; 0 for one per core.

        Raises:
            UserError: if onnxruntime is not installed, or the export is damaged.
        """
        self._noise = Record.load(folder).noise
        self._session = _session(folder / NETWORK_FILE, threads)
        self._names = {each.name for each in self._session.get_inputs()}
        self._lock = threading.Lock()

    def __call__(self, log_mel: np.ndarray, first_frame: Any = 0, closeness: Any = AUTOMATIC) -> np.ndarray:
        """Translation of a log-mel.

        Args:
            log_mel: float32 [batch, frames, n_mels, 1], frames a multiple of the card's time_multiple.
            first_frame: number of the first frame within the song.
            closeness: see `pipelines.nn.dials.Dials`.

        Returns:
            float32 of the same shape.
        """
        batch, frames = log_mel.shape[:2]
        inputs = {LOG_MEL: log_mel}
        if CLOSENESS in self._names:
            inputs[CLOSENESS] = np.full(batch, closeness, np.float32)
        for each in self._noise:
            noise = position_noise(int(first_frame), frames, each.channels, each.seed)
            inputs[each.name] = np.broadcast_to(noise, (batch, *noise.shape))
        # One at a time: it has threads of its own, and its activations are the most of the memory.
        with self._lock:
            return self._session.run(None, inputs)[0]


def load_window_translator(folder: Path, threads: int = 0) -> ArrayWindowTranslator:
    """Loads the window translator of an ONNX export.

    Args:
        folder: of the export.
        threads: of the network; 0 for one per core.

    Raises:
        UserError: if onnxruntime is not installed, or the export is damaged.
    """
    card, spec = load_card(folder), AudioSpec.load(folder)
    return ArrayWindowTranslator.with_windows(
        OnnxNetwork(folder, threads),
        spec,
        _inverter(folder, spec, threads),
        context=card.context_frames,
        multiple=card.time_multiple,
    )


def _inverter(folder: Path, spec: AudioSpec, threads: int) -> ChannelInverter:
    card = Record.load(folder).vocoder_card
    if card is None:
        return SourcePhase(spec)
    session = _session(folder / VOCODER_FILE, threads)
    name = session.get_inputs()[0].name
    return ArrayNeuralInverter(lambda features: session.run(None, {name: features})[0], spec, card)


def _session(path: Path, threads: int) -> Any:
    """Session of onnxruntime for a graph."""
    try:
        runtime = importlib.import_module(onnx_folder.RUNTIME)
    except ImportError as error:
        raise UserError(f'{path} needs onnxruntime: pip install "coverband[onnx]"') from error
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin while they wait take a quarter more of the processor, and are no faster.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return runtime.InferenceSession(path.read_bytes(), options, ["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's have no common base class
        raise UserError(f"{path} cannot be loaded ({type(error).__name__}): export it again") from error
