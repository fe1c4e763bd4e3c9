"""A few seconds of the demo's songs in every format, and command lines."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import soundfile
import soxr

from pipelines.audio import files
from tools.demo import DEMO_SONGS

RATE = 44100
SECONDS = 7.0
TINY = [
    "--set=vaegan.encoder.width=16",
    "--set=vaegan.encoder.blocks=1",
    "--set=vaegan.decoder.width=16",
    "--set=vaegan.decoder.blocks=1",
    "--set=vaegan.discriminator.channels=4",
    "--set=vaegan.discriminator.depth=1",
    "--set=vaegan.discriminator.scales=1",
    "--set=vaegan.data.frames=32",
    "--set=vaegan.data.batch_size=1",
    "--set=vaegan.optimizer.learning_rate=1e-5",
]
"""Models of few weights, for the demo's --set; the VAE-GAN learns so slowly that its claim has to fail."""


def command(*arguments: object) -> list[str]:
    """Arguments of the process that runs a `coverband` command line."""
    module = "tools" if arguments[0] == "demo" else "coverband.cli"
    return [sys.executable, "-m", module, *map(str, arguments)]


def excerpt(song: str, start: float = 5.0) -> np.ndarray:
    """Some seconds of a song of the demo, float32 [samples, 2]."""
    first = round(start * RATE)
    return files.read(DEMO_SONGS / song, RATE)[first : first + round(SECONDS * RATE)]


def write(path: Path, sound: np.ndarray, rate: int = RATE) -> None:
    """Writes 44.1 kHz audio at another rate, in the format of the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if rate != RATE:
        sound = soxr.resample(sound, RATE, rate)
    soundfile.write(path, sound, rate)


def write_folders(folder: Path) -> None:
    """Two songs of content and two of the band, in four formats, at four rates, stereo and mono."""
    write(folder / "content/piano.mp3", excerpt("content/bwv278-piano.ogg"))
    write(folder / "content/more/harp.flac", excerpt("content/bwv255-harp.ogg")[:, :1], 22050)
    write(folder / "band/one.wav", excerpt("band/bwv257-band.ogg"), 48000)
    write(folder / "band/two.ogg", excerpt("band/bwv264-band.ogg"), 32000)
