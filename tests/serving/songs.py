"""Songs as files in memory, and their expected covers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile

from pipelines.inference.loading import load_window_translator
from pipelines.inference.translate import SongTranslator
from tests.inference import tiny

RATE = tiny.SPEC.sample_rate
_BOUNDARY = "a-boundary-that-is-in-none-of-the-files"


def encoded(song: np.ndarray, container: str = "WAV", rate: int = RATE) -> bytes:
    """A song as a file."""
    file = io.BytesIO()
    soundfile.write(file, song, rate, format=container)
    return file.getvalue()


def form(files: Mapping[str, bytes]) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a form with files, whose names are those of the parts."""
    head = '--{}\r\nContent-Disposition: form-data; name="{}"; filename="{}"\r\n\r\n'
    parts = [head.format(_BOUNDARY, name, name).encode() + file + b"\r\n" for name, file in files.items()]
    body = b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])
    return body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}


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
