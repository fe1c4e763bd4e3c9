"""Writes lessons as Ogg Vorbis or mp3, whose decoded samples are where they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile

from tools.rendering import ogg, synth

CODINGS = {
    "vorbis": (".ogg", {"subtype": "VORBIS", "format": "OGG", "compression_level": 0.6}),
    "low vorbis": (".ogg", {"subtype": "VORBIS", "format": "OGG", "compression_level": 0.95}),
    # At constant rates below 96 kbit/s the encoder takes another sample rate, and the delay is not undone.
    "mp3": (
        ".mp3",
        {"subtype": "MPEG_LAYER_III", "format": "MP3", "bitrate_mode": "CONSTANT", "compression_level": 0.6},
    ),
    "low mp3": (
        ".mp3",
        {"subtype": "MPEG_LAYER_III", "format": "MP3", "bitrate_mode": "VARIABLE", "compression_level": 0.8},
    ),
}
"""By the name that stands among a lesson's effects: suffix, and what the encoder is told."""

USUAL = "vorbis"
"""The coding of a lesson that names none."""

_KNEE = 0.8
_BLOCK = 1 << 14  # libsndfile crashes when a long Vorbis file is written in one call.


def write(path: Path, samples: np.ndarray, coding: str) -> None:
    """Writes a file whose bytes depend on the samples only; folders are made as needed.

    Args:
        path: the file; its suffix does not matter.
        samples: float32 [samples, 2] at SAMPLE_RATE.
        coding: a key of CODINGS.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(path, "w", synth.SAMPLE_RATE, samples.shape[1], **CODINGS[coding][1]) as file:
        for start in range(0, len(samples), _BLOCK):
            file.write(samples[start : start + _BLOCK])
    if CODINGS[coding][0] == ".ogg":
        ogg.set_serial(path)


def levelled(samples: np.ndarray, lufs: float) -> np.ndarray:
    """A recording at a loudness; peaks above that would clip are rounded off.

    Args:
        samples: float32 [samples, 2] at SAMPLE_RATE.
        lufs: integrated loudness, ITU-R BS.1770.
    """
    meter = pyloudnorm.Meter(synth.SAMPLE_RATE)
    # Rounding peaks off takes some loudness: the second time, next to nothing is left to round off.
    for _ in range(2):
        samples = _rounded(samples * np.float32(10 ** ((lufs - meter.integrated_loudness(samples)) / 20)))
    return samples


def _rounded(samples: np.ndarray) -> np.ndarray:
    """Leaves what is below the knee as it is, and takes the rest to less than the peak that is allowed."""
    room = synth.PEAK - 0.05 - _KNEE
    over = np.maximum(np.abs(samples) - _KNEE, 0)
    return np.where(over > 0, np.sign(samples) * (_KNEE + room * np.tanh(over / room)), samples).astype(
        np.float32
    )
