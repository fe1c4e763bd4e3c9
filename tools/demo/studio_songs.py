"""Writes the generic songs that come with Coverband Studio: the demo's, in mono and half their size.

    python -m tools render studio --out coverband/studio/songs

Models are trained on mono. Needs neither FluidSynth nor a SoundFont.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from absl import flags

from pipelines import console
from tools.demo import DEMO_SONGS
from tools.rendering import ogg

_COMPRESSION = 0.8
"""Of Vorbis, from 0 to 1."""


def main(argv: list[str]) -> None:
    """Writes all songs."""
    values = flags.FlagValues()
    out = flags.DEFINE_string(
        "out", "coverband/studio/songs", "Folder for the songs, which are replaced.", flag_values=values
    )
    console.parse(values, argv, __doc__)
    for song in sorted((DEMO_SONGS / "content").glob("*.ogg")):
        write(song, Path(out.value) / song.name)


def write(source: Path, target: Path) -> None:
    """Writes the downmix of a song, a file whose bytes depend on the audio only."""
    samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    mono = np.mean(samples, axis=1)
    soundfile.write(target, mono, rate, format="OGG", subtype="VORBIS", compression_level=_COMPRESSION)
    ogg.set_serial(target)
