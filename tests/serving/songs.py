"""Songs as files in memory, and their expected covers."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import soundfile

from pipelines.inference.loading import load_window_translator
from pipelines.inference.translate import SongTranslator
from tests.inference import tiny

RATE = tiny.SPEC.sample_rate


def encoded(song: np.ndarray, container: str = "WAV", rate: int = RATE) -> bytes:
    """A song as a file."""
    file = io.BytesIO()
    soundfile.write(file, song, rate, format=container)
    return file.getvalue()


def decoded(content: bytes) -> np.ndarray:
    """Float32 [samples, channels] of a file at the model's rate."""
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    assert rate == RATE
    return samples


def expected_cover(model: Path, song: np.ndarray, folder: Path) -> np.ndarray:
    """Cover of a song as `coverband translate` writes it, float32 [samples, channels]."""
    soundfile.write(folder / "song.wav", song, RATE)
    song_translator = SongTranslator(load_window_translator(model))
    song_translator.translate_file(folder / "song.wav", folder / "cover.wav")
    return decoded((folder / "cover.wav").read_bytes())
