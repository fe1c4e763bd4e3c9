"""Excerpts of the report's audio: Ogg Vorbis files and images of mel spectrograms."""

from __future__ import annotations

import io
from pathlib import Path

import librosa
import numpy as np
import soundfile
from matplotlib import colormaps
from PIL import Image

from pipelines.audio import files

SECONDS = 8.0
"""Length of an excerpt; longer ones leave room for fewer songs."""

RANGE_DB = 80.0
"""Dynamic range of the spectrograms below the maximum over a song's excerpts."""

BANDS = 128
"""Mel bands and height of a spectrogram, pixels; its width is about 340."""

_WINDOW_SECONDS = 0.06
_COLOURS = 64
# libsndfile's 0 is the best and largest, 1 the smallest: about 70 kilobits per second of mono at 44.1 kHz.
_COMPRESSION = 0.6
_BLOCK = 1 << 14


def excerpt(path: Path, sample_rate: int, start: float) -> np.ndarray:
    """Excerpt of `SECONDS` of a song, float32 [samples]; the song's last seconds if `start` is too late.

    Raises:
        UserError: if the file cannot be read.
    """
    song = files.read(path, sample_rate, mono=True)[:, 0]
    size = round(SECONDS * sample_rate)
    first = max(0, min(round(start * sample_rate), len(song) - size))
    return song[first : first + size]


def vorbis(waveform: np.ndarray, sample_rate: int) -> bytes:
    """An Ogg Vorbis file of a mono waveform [samples]."""
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", sample_rate, 1, "VORBIS", format="OGG", compression_level=_COMPRESSION
    ) as song:
        for start in range(0, len(waveform), _BLOCK):
            song.write(waveform[start : start + _BLOCK])
    return buffer.getvalue()


def decibels(waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """Mel spectrogram, float32 [BANDS, frames], dB re a power of 1."""
    n_fft = 1 << int(np.ceil(np.log2(_WINDOW_SECONDS * sample_rate)))
    padded = np.pad(waveform, (0, max(0, n_fft - len(waveform))))
    mel = librosa.feature.melspectrogram(
        y=padded, sr=sample_rate, n_fft=n_fft, hop_length=n_fft // 4, n_mels=BANDS
    )
    return librosa.power_to_db(mel, ref=1.0, amin=1e-12, top_db=None)


def png(levels: np.ndarray, top: float) -> bytes:
    """PNG image of a spectrogram [BANDS, frames], low frequencies at the bottom, black at top - RANGE_DB."""
    shares = np.clip((levels - top) / RANGE_DB + 1, 0, 1)
    image = Image.fromarray(np.round(shares[::-1] * (_COLOURS - 1)).astype(np.uint8), mode="P")
    image.putpalette(palette().tobytes())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def palette() -> np.ndarray:
    """Colour map magma, which is perceptually uniform, uint8 [64, 3]."""
    return np.round(colormaps["magma"](np.linspace(0, 1, _COLOURS))[:, :3] * 255).astype(np.uint8)


def height_of(hertz: float, sample_rate: int) -> float:
    """Relative height of a frequency in a spectrogram, from 0 (bottom) to 1 (top)."""
    low, high = librosa.hz_to_mel([0.0, sample_rate / 2])
    return float((librosa.hz_to_mel(hertz) - low) / (high - low))
