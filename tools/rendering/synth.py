"""Plays MIDI files with FluidSynth and stores them as Ogg Vorbis."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile

from pipelines.errors import UserError

SAMPLE_RATE = 44100
PEAK = 0.97
"""No sample is louder, before and after compression."""

_SOUNDFONT = "FluidR3_GM.sf2"
_FOLDERS = (
    "/usr/share/sounds/sf2",
    "/usr/share/sounds/sf3",
    "/usr/share/soundfonts",
    "/usr/local/share/soundfonts",
    "/opt/homebrew/share/soundfonts",
)
# To decompress a whole SoundFont takes seconds.
_COMPRESSED, _READ_WHAT_PLAYS = ".sf3", ("-o", "synth.dynamic-sample-loading=1")
_GAIN = 0.3
_LUFS = -21.0
_FADE = 0.5
_COMPRESSION = 0.7
# libsndfile crashes (segmentation fault) when a long Vorbis file is written in one call.
_BLOCK = 1 << 14


def find_soundfont(path: str | None = None) -> Path:
    """The SoundFont of that path, or FluidR3_GM from where systems keep it.

    Raises:
        UserError: if there is none.
    """
    found = Path(path) if path else usual_place(_SOUNDFONT)
    if found is None or not found.is_file():
        raise UserError(
            f"{path or _SOUNDFONT} is not there: install fluid-soundfont-gm, or name it by --soundfont"
        )
    return found


def usual_place(name: str) -> Path | None:
    """Path of a SoundFont of that file name in the folders where systems keep them; None if there is none."""
    return next((path for folder in _FOLDERS if (path := Path(folder, name)).is_file()), None)


def require_fluidsynth() -> None:
    """Looks for the command.

    Raises:
        UserError: if it is not installed.
    """
    if shutil.which("fluidsynth") is None:
        raise UserError(
            "the command fluidsynth is missing: install FluidSynth 2 (Debian: apt install fluidsynth)"
        )


def play(midi: bytes, seconds: float, soundfont: Path, lufs: float = _LUFS) -> np.ndarray:
    """Renders a MIDI file at a loudness.

    Args:
        midi: the file's bytes.
        seconds: length of the result; the last half second fades out.
        soundfont: the instruments.
        lufs: integrated loudness, ITU-R BS.1770.

    Returns:
        float32 [samples, 2] at SAMPLE_RATE.

    Raises:
        UserError: if FluidSynth fails, or what it plays is silent or clips.
    """
    samples = render(midi, seconds, soundfont)
    require_sound(samples, "FluidSynth's output")
    loudness = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples)
    return samples * np.float32(10 ** ((lufs - loudness) / 20))


def render(midi: bytes, seconds: float, soundfont: Path) -> np.ndarray:
    """Renders a MIDI file as it comes, be it silent or louder than 1: see `play`.

    Raises:
        UserError: if FluidSynth fails.
    """
    return _fit(_fluidsynth(midi, soundfont), round(seconds * SAMPLE_RATE))


def store(path: Path, samples: np.ndarray) -> None:
    """Writes an Ogg Vorbis file of about 90 kbit/s; folders are made as needed.

    Args:
        path: the file.
        samples: float32 [samples, channels] at SAMPLE_RATE.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(
        path, "w", SAMPLE_RATE, samples.shape[1], "VORBIS", format="OGG", compression_level=_COMPRESSION
    ) as file:
        for start in range(0, len(samples), _BLOCK):
            file.write(samples[start : start + _BLOCK])


def require_sound(samples: np.ndarray, name: str) -> None:
    """Checks a recording.

    Raises:
        UserError: if it is silent or clips; `name` says what it is.
    """
    peak = float(np.abs(samples).max(initial=0))
    if not 0.05 <= peak <= PEAK:
        raise UserError(f"{name} peaks at {peak:.3f}, not between 0.05 and {PEAK}: check the SoundFont")


def _fluidsynth(midi: bytes, soundfont: Path) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder, "song.mid"), Path(folder, "song.wav")
        score.write_bytes(midi)
        command = f"fluidsynth -n -i -q -g {_GAIN} -r {SAMPLE_RATE} -O float -T wav".split()
        if soundfont.suffix == _COMPRESSED:
            command += _READ_WHAT_PLAYS
        done = subprocess.run([*command, "-F", sound, soundfont, score], capture_output=True, text=True)
        if done.returncode or not sound.exists():
            raise UserError(f"fluidsynth could not play with {soundfont}: {done.stderr.strip()[-200:]}")
        return soundfile.read(sound, dtype="float32", always_2d=True)[0]


def _fit(samples: np.ndarray, length: int) -> np.ndarray:
    """Cuts or pads to a length in samples and fades the end out."""
    samples = samples[:length]
    samples = np.pad(samples, ((0, length - len(samples)), (0, 0)))
    fade = np.clip(np.arange(length, 0, -1, dtype=np.float32) / (_FADE * SAMPLE_RATE), 0, 1)
    return samples * fade[:, None]
