"""Ogg Vorbis and mp3 files without a delay of the decoded samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile

from tools.rendering import ogg, synth

CODINGS = {
    "vorbis": (".ogg", {"subtype": "VORBIS", "format": "OGG", "compression_level": 0.6}),
    "low vorbis": (".ogg", {"subtype": "VORBIS", "format": "OGG", "compression_level": 0.95}),
    # At constant rates below 96 kbit/s the encoder resamples, and the delay is not compensated.
    "mp3": (
        ".mp3",
        {"subtype": "MPEG_LAYER_III", "format": "MP3", "bitrate_mode": "CONSTANT", "compression_level": 0.6},
    ),
    "low mp3": (
        ".mp3",
        {"subtype": "MPEG_LAYER_III", "format": "MP3", "bitrate_mode": "VARIABLE", "compression_level": 0.8},
    ),
}
"""Suffix and encoder settings by the name of the coding."""

DEFAULT = "vorbis"
"""Coding of recordings without another one."""

_KNEE = 0.8
_BLOCK = 1 << 14  # libsndfile crashes when a long Vorbis file is written in one call.


def write(path: Path, samples: np.ndarray, coding: str) -> None:
    """Writes a file reproducibly; missing folders are created.

    Args:
        path: file with any suffix.
        samples: float32 [samples, 2] at SAMPLE_RATE.
        coding: a key of CODINGS.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(path, "w", synth.SAMPLE_RATE, samples.shape[1], **CODINGS[coding][1]) as file:
        for start in range(0, len(samples), _BLOCK):
            file.write(samples[start : start + _BLOCK])
    if CODINGS[coding][0] == ".ogg":
        ogg.set_serial(path)


def normalised(samples: np.ndarray, lufs: float) -> np.ndarray:
    """Recording normalised to a loudness, with soft clipping of peaks.

    Args:
        samples: float32 [samples, 2] at SAMPLE_RATE.
        lufs: integrated loudness, ITU-R BS.1770.
    """
    meter = pyloudnorm.Meter(synth.SAMPLE_RATE)
    # Soft clipping lowers the loudness; in the second pass there is almost nothing left to clip.
    for _ in range(2):
        samples = _soft_clipped(
            samples * np.float32(10 ** ((lufs - meter.integrated_loudness(samples)) / 20))
        )
    return samples


def _soft_clipped(samples: np.ndarray) -> np.ndarray:
    """Samples with values above the knee compressed below the largest peak."""
    headroom = synth.PEAK - 0.05 - _KNEE
    over = np.maximum(np.abs(samples) - _KNEE, 0)
    return np.where(
        over > 0, np.sign(samples) * (_KNEE + headroom * np.tanh(over / headroom)), samples
    ).astype(np.float32)
