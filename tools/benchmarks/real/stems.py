"""Mix of a song's stems to one recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from pipelines import outputs
from pipelines.audio import files
from pipelines.audio.song_files import SUFFIXES
from pipelines.errors import UserError

PEAK = 10 ** (-1 / 20)
"""Largest sample of a mix: -1 dBFS."""


def mixed(folder: Path, mixes: Path) -> Path | None:
    """Mix of all recordings in a folder: their sum, attenuated as a whole if its peak exceeds `PEAK`.

    The stems are decoded as a whole, of which five minutes are 100 MB each. A mix of an earlier run is kept.

    Args:
        folder: of stems with one sample rate; shorter ones end in silence.
        mixes: folder for the mix, a FLAC file of 16 bits with the name of `folder`.

    Returns:
        The mix; None for anything but a folder with recordings.

    Raises:
        UserError: if a stem is unreadable, or the sample rates differ.
    """
    stems = sorted(path for path in folder.glob("*") if path.suffix[1:].lower() in SUFFIXES)
    if not stems:
        return None
    mix = mixes / f"{folder.name}.flac"
    if mix.is_file():
        return mix
    rates = {files.info(stem).sample_rate for stem in stems}
    if len(rates) > 1:
        raise UserError(f"the stems in {folder} have several sample rates: resample them")
    rate = rates.pop()
    samples = total([files.read(stem, rate) for stem in stems])
    mixes.mkdir(parents=True, exist_ok=True)
    with outputs.whole(mix) as unfinished:
        soundfile.write(unfinished, samples, rate, format="FLAC", subtype="PCM_16")
    return mix


def total(stems: list[np.ndarray]) -> np.ndarray:
    """Sum of recordings, scaled by one factor if its peak exceeds `PEAK`.

    Args:
        stems: float32 [samples, 1 or 2] each, of any lengths; mono ones are added to both channels.

    Returns:
        float32 [samples of the longest, 2 if there is a stereo one, else 1].
    """
    result = np.zeros((max(map(len, stems)), max(stem.shape[1] for stem in stems)), np.float32)
    for stem in stems:
        result[: len(stem)] += stem
    peak = np.abs(result).max(initial=0.0)
    return result if peak <= PEAK else result * np.float32(PEAK / peak)
