"""Engine of an ONNX export, without TensorFlow; its signatures are those of a SavedModel.

See `pipelines.inference.signatures` for what they compute.
"""

from __future__ import annotations

import functools
import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from pipelines.audio.streams import Signal, array_blocks, block_size
from pipelines.errors import UserError
from pipelines.inference.model_card import ModelCard
from pipelines.inference.onnx_network import load_window_translator
from pipelines.nn.dials import AUTOMATIC, Dials
from pipelines.nn.translator_card import CLOSENESS, FIRST_FRAME, LOG_MEL
from pipelines.serving import wav
from pipelines.serving.engine import Engine
from pipelines.serving.predictor import ModelInputError, Outputs
from pipelines.serving.rest import InputSpec, Signature
from pipelines.stems.parts import WholeSong

THREADS_VARIABLE = "OMP_NUM_THREADS"
"""Environment variable with the number of threads."""

_SONG, _DIAL = InputSpec((None, None), False), InputSpec((), False)
_FILES, _DIALS = InputSpec((None,), True), InputSpec((None,), False)


class OnnxEngine(Engine):
    """An export that `coverband export --format onnx` wrote."""

    def __init__(self, folder: Path, song_seconds: float) -> None:
        """Loads a model; see `engines.load`."""
        self._folder = folder
        threads = int(os.environ.get(THREADS_VARIABLE, 0))
        window_translator = load_window_translator(folder, threads)
        maps = InputSpec((None, None, window_translator.spec.n_mels, 1), False)
        self._signatures: dict[str, Signature] = {
            "serving_default": {"waveform": _SONG, "strength": _DIAL},
            "dials": {"waveform": _SONG, "strength": _DIAL, CLOSENESS: _DIAL},
            "batch": {"waveform": _SONG, "strength": _DIALS},
            "wav_bytes": {"wav_bytes": _FILES, "strength": _DIALS},
            "log_mel": {LOG_MEL: maps},
            "window": {LOG_MEL: maps, FIRST_FRAME: _DIALS, CLOSENESS: _DIALS},
        }
        self._outputs = {
            "batch": {"waveform": _SONG},
            "wav_bytes": {"audio_bytes": _FILES},
            "log_mel": {LOG_MEL: maps},
            "window": {LOG_MEL: maps},
        }
        self._functions: dict[str, Callable[..., Outputs]] = {
            "serving_default": self._cover,
            "dials": self._cover,
            "batch": self._batch,
            "wav_bytes": self._wav_bytes,
            "log_mel": self._maps,
            "window": self._maps,
        }
        super().__init__(window_translator, self._signatures, song_seconds)

    @property
    def card(self) -> ModelCard:
        """See `Engine`."""
        return ModelCard.load(self._folder)

    @property
    def metadata(self) -> dict[str, Any]:
        """See `Engine`."""
        return {
            name: {
                "inputs": {each: _tensor(name, each, spec) for each, spec in inputs.items()},
                "outputs": {
                    each: _tensor(name, each, spec)
                    for each, spec in self._outputs.get(name, {"waveform": _SONG}).items()
                },
                "method_name": "tensorflow/serving/predict",
            }
            for name, inputs in self._signatures.items()
        }

    def run(self, signature: str, inputs: Mapping[str, np.ndarray]) -> Outputs:
        """See `Engine`."""
        try:
            return self._functions[signature](**inputs)
        except MemoryError:
            raise
        except Exception as error:  # onnxruntime's and soundfile's have no common base class
            raise ModelInputError(str(error) or repr(error)) from error

    def _cover(self, waveform: np.ndarray, strength: np.ndarray, closeness: Any = AUTOMATIC) -> Outputs:
        """Cover of a waveform [samples, channels]."""
        samples, channels = waveform.shape
        if channels not in (1, 2):
            raise UserError(f"a waveform has 1 or 2 channels, not {channels}")
        if not samples:
            return {"waveform": waveform}
        rate = self._window_translator.spec.sample_rate
        stream = functools.partial(array_blocks, waveform, block_size(rate))
        song = WholeSong(Signal("the waveform", stream), rate)
        dials = Dials(float(strength), float(closeness))
        return {"waveform": self._song_translator.translate_array(song, dials)}

    def _batch(self, waveform: np.ndarray, strength: np.ndarray) -> Outputs:
        """Covers of mono clips [batch, samples]."""
        clips = zip(waveform, strength, strict=True)
        covers = [self._cover(clip[:, None], each)["waveform"][:, 0] for clip, each in clips]
        return {"waveform": np.stack(covers)}

    def _wav_bytes(self, wav_bytes: np.ndarray, strength: np.ndarray) -> Outputs:
        """Covers of WAV files."""
        files = zip(wav_bytes, strength, strict=True)
        return {"audio_bytes": np.array([self._wav(each, dial) for each, dial in files], object)}

    def _wav(self, file: bytes, strength: np.ndarray) -> bytes:
        rate = self._window_translator.spec.sample_rate
        with soundfile.SoundFile(io.BytesIO(file)) as sound:
            if (sound.format, sound.subtype) != ("WAV", "PCM_16"):
                raise UserError("the model requires WAV files of 16 bits")
            if sound.samplerate != rate:
                raise UserError(
                    f"the model requires WAV files with a sample rate of {rate} Hz, not {sound.samplerate}"
                )
            waveform = sound.read(dtype="float32", always_2d=True)
        cover = self._cover(waveform, strength)["waveform"]
        return wav.header(rate, *reversed(cover.shape)) + wav.encode_samples(cover)

    def _maps(self, log_mel: np.ndarray, first_frame: Any = None, closeness: Any = None) -> Outputs:
        """Translations of log-mels [batch, frames, n_mels, 1]."""
        batch = len(log_mel)
        frames = np.zeros(batch) if first_frame is None else first_frame
        dials = np.full(batch, AUTOMATIC) if closeness is None else closeness
        rows = zip(log_mel, frames, dials, strict=True)
        maps = [self._window_translator.translate(row[None], frame, dial)[0] for row, frame, dial in rows]
        return {LOG_MEL: np.stack(maps)}


def _tensor(signature: str, name: str, spec: InputSpec) -> dict[str, Any]:
    """Tensor in the form of TensorFlow Serving's metadata."""
    dimensions = [{"size": str(-1 if each is None else each)} for each in spec.shape]
    dtype = "DT_STRING" if spec.is_bytes else "DT_INT32" if name == FIRST_FRAME else "DT_FLOAT"
    return {
        "dtype": dtype,
        "tensor_shape": {"dim": dimensions} if dimensions else {},
        "name": f"{signature}_{name}:0",
    }
