"""Excerpts of the listening test: ten seconds of each recording, at one loudness, as FLAC."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile

from pipelines.audio import files
from pipelines.audio.loudness import TRAINING_LUFS, LoudnessMeter

SECONDS = 10.0
"""Length of an excerpt, about that of BS.1534's sequences."""

_PEAK = 0.99
"""Largest sample of an excerpt."""
_LOWEST_LUFS = TRAINING_LUFS - 10
"""Lowest common loudness: one recording with extreme peaks must not make all others inaudible."""
_MAX_GAIN_DB = 12.0
"""Largest gain: the noise of a nearly silent excerpt is not raised to the loudness of music."""


def read_excerpt(path: Path, sample_rate: int, start: float) -> np.ndarray:
    """`SECONDS` of a recording, float32 [samples]; fewer if it is shorter.

    Raises:
        UserError: if the file cannot be read.
    """
    return cut(files.read(path, sample_rate, mono=True)[:, 0], sample_rate, start)


def cut(waveform: np.ndarray, sample_rate: int, start: float) -> np.ndarray:
    """`SECONDS` of a waveform [samples] from a time in seconds on, its last ones if that is too late."""
    size = round(SECONDS * sample_rate)
    first = max(0, min(round(start * sample_rate), len(waveform) - size))
    return waveform[first : first + size]


def middle(seconds: float) -> float:
    """Start of the excerpt in the middle of a recording of this length, seconds."""
    return max(0.0, (seconds - SECONDS) / 2)


def loudness(waveform: np.ndarray, sample_rate: int) -> float:
    """Integrated loudness of a mono waveform [samples], LUFS; -inf for silence."""
    meter = LoudnessMeter(sample_rate, 1)
    meter.add(waveform[:, None])
    return meter.integrated()


def common_loudness(waveforms: Iterable[np.ndarray], sample_rate: int) -> float:
    """Highest loudness up to the training loudness at which no waveform [samples] clips, LUFS.

    A waveform that would have to be below `_LOWEST_LUFS` does not lower it further.
    """
    reachable = [
        loudness(each, sample_rate) + 20 * math.log10(_PEAK / peak)
        for each in waveforms
        if (peak := _peak(each)) > 0
    ]
    return max(_LOWEST_LUFS, min([TRAINING_LUFS, *(each for each in reachable if math.isfinite(each))]))


def level(waveform: np.ndarray, sample_rate: int, target: float) -> np.ndarray:
    """A waveform [samples] with the gain to a loudness, LUFS; the gain is limited by peaks and in silence."""
    measured = loudness(waveform, sample_rate)
    gain_db = min(target - measured, _MAX_GAIN_DB) if math.isfinite(measured) else 0.0
    gain = min(10 ** (gain_db / 20), _PEAK / max(_peak(waveform), 1e-9))
    return waveform * np.float32(gain)


def flac(waveform: np.ndarray, sample_rate: int) -> bytes:
    """A FLAC file of 16 bits of a mono waveform [samples]; every current browser decodes it."""
    buffer = io.BytesIO()
    soundfile.write(buffer, waveform, sample_rate, "PCM_16", format="FLAC")
    return buffer.getvalue()


def _peak(waveform: np.ndarray) -> float:
    return float(np.abs(waveform).max(initial=0.0))
