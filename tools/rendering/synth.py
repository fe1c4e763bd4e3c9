"""Rendering of MIDI files by FluidSynth, and Ogg Vorbis files."""

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
"""Largest absolute sample value."""

# Decompressing a whole SoundFont takes seconds: only the samples of used instruments are loaded.
_COMPRESSED, _DYNAMIC_LOADING = ".sf3", ("-o", "synth.dynamic-sample-loading=1")
_GAIN = 0.3
_LUFS = -21.0
_FADE = 0.5
_COMPRESSION = 0.7
# libsndfile crashes (segmentation fault) when a long Vorbis file is written in one call.
_BLOCK = 1 << 14


def require_fluidsynth() -> None:
    """Checks that FluidSynth is installed.

    Raises:
        UserError: if it is not.
    """
    if shutil.which("fluidsynth") is None:
        raise UserError(
            "the command fluidsynth is missing: install FluidSynth 2 (Debian: apt install fluidsynth)"
        )


def render_at_loudness(midi: bytes, seconds: float, soundfont: Path, lufs: float = _LUFS) -> np.ndarray:
    """Waveform of a MIDI file at a loudness.

    Args:
        midi: content of the file.
        seconds: length; the last half second fades out.
        soundfont: SoundFont of the instruments.
        lufs: integrated loudness, ITU-R BS.1770.

    Returns:
        float32 [samples, 2] at SAMPLE_RATE.

    Raises:
        UserError: if FluidSynth fails, or its output is silent or clips.
    """
    samples = render(midi, seconds, soundfont)
    require_sound(samples, "FluidSynth's output")
    loudness = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples)
    return samples * np.float32(10 ** ((lufs - loudness) / 20))


def render(midi: bytes, seconds: float, soundfont: Path) -> np.ndarray:
    """Waveform of a MIDI file at FluidSynth's level, without checks; see `render_at_loudness`.

    Raises:
        UserError: if FluidSynth fails.
    """
    return _fit(_fluidsynth(midi, soundfont), round(seconds * SAMPLE_RATE))


def write(path: Path, samples: np.ndarray) -> None:
    """Writes an Ogg Vorbis file of about 90 kbit/s; missing folders are created.

    Args:
        path: Ogg file.
        samples: float32 [samples, channels] at SAMPLE_RATE.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(
        path, "w", SAMPLE_RATE, samples.shape[1], "VORBIS", format="OGG", compression_level=_COMPRESSION
    ) as file:
        for start in range(0, len(samples), _BLOCK):
            file.write(samples[start : start + _BLOCK])


def require_sound(samples: np.ndarray, name: str) -> None:
    """Checks that a recording is neither silent nor clips.

    Args:
        samples: float32 [samples, channels].
        name: name of the recording in the error.

    Raises:
        UserError: if it is silent or clips.
    """
    peak = float(np.abs(samples).max(initial=0))
    if not 0.05 <= peak <= PEAK:
        raise UserError(f"{name} peaks at {peak:.3f}, not between 0.05 and {PEAK}: check the SoundFont")


def _fluidsynth(midi: bytes, soundfont: Path) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        score, output = Path(folder, "song.mid"), Path(folder, "song.wav")
        score.write_bytes(midi)
        command = f"fluidsynth -n -i -q -g {_GAIN} -r {SAMPLE_RATE} -O float -T wav".split()
        if soundfont.suffix == _COMPRESSED:
            command += _DYNAMIC_LOADING
        process = subprocess.run([*command, "-F", output, soundfont, score], capture_output=True, text=True)
        if process.returncode or not output.exists():
            raise UserError(f"fluidsynth failed with {soundfont}: {process.stderr.strip()[-200:]}")
        return soundfile.read(output, dtype="float32", always_2d=True)[0]


def _fit(samples: np.ndarray, length: int) -> np.ndarray:
    """Samples cut or padded to a length, with a fade-out."""
    samples = samples[:length]
    samples = np.pad(samples, ((0, length - len(samples)), (0, 0)))
    fade = np.clip(np.arange(length, 0, -1, dtype=np.float32) / (_FADE * SAMPLE_RATE), 0, 1)
    return samples * fade[:, None]
