"""Measures loudness, true peak and stereo width of covers, and their error at strength 0.

    python -m tools benchmark covers --model runs/mine --song a.ogg --song b.mp3
    python -m tools benchmark covers --model runs/mine --song a.ogg --master_lufs -8

The middle of each song is translated as by `coverband translate`. Loudness is measured by pyloudnorm, true
peaks at 4x oversampling by scipy, independently of the implementations of Coverband.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile
from absl import flags
from scipy import signal

from pipelines import console
from pipelines.audio import files
from pipelines.errors import UserError
from pipelines.inference.loading import load_window_translator
from pipelines.inference.translate import SongTranslator
from pipelines.nn.dials import Dials
from tools.benchmarks.tables import Cell, Row, Table

_LEAST_SECONDS = 0.4
_ROUNDS = 15
"""Iterations of gain and clipping, since clipping lowers the loudness again."""
_FULL_SCALE = 1.06
"""Clipping amplitude of masters: decoded masters exceed full scale by about half a decibel."""
_NOTES = (
    "LUFS: integrated loudness. dBTP: true peak. Side: energy of the channels' difference over the sum, dB. "
    "Strength 0: energy of the cover's error over that of the song, dB.",
)


def main(argv: list[str]) -> None:
    """Prints a table with a row for each song."""
    values = flags.FlagValues()
    model = flags.DEFINE_string(
        "model", None, "As --model of `coverband translate`.", required=True, flag_values=values
    )
    song = flags.DEFINE_multi_string("song", None, "A song to translate.", required=True, flag_values=values)
    seconds = flags.DEFINE_float(
        "seconds",
        15.0,
        "Length of the excerpt from the middle of each song.",
        lower_bound=0.5,
        flag_values=values,
    )
    master = flags.DEFINE_float(
        "master_lufs",
        None,
        "Raise each song to this loudness first, with clipping, as in loud masters.",
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    for name in song.value or []:
        files.info(name)  # raises a UserError for an unreadable file
    window_translator = load_window_translator(Path(model.value or ""))
    translator, rate = SongTranslator(window_translator), window_translator.spec.sample_rate
    with tempfile.TemporaryDirectory() as scratch:
        rows = tuple(
            _row(translator, rate, Path(name), Path(scratch), seconds.value, master.value)
            for name in song.value or []
        )
    print(Table("Covers and their songs", rows, _NOTES))


def _row(
    translator: SongTranslator, rate: int, song: Path, scratch: Path, seconds: float, master: float | None
) -> Row:
    source = _middle(files.read(song, rate), round(seconds * rate))
    if len(source) < _LEAST_SECONDS * rate:
        raise UserError(f"{song} is shorter than {_LEAST_SECONDS} s: too short for a loudness")
    if master is not None:
        source = mastered(source, rate, master)
    source_file, cover_file = scratch / "song.wav", scratch / "cover.wav"
    soundfile.write(source_file, source, rate, subtype="FLOAT")

    def translated(strength: float) -> np.ndarray:
        translator.translate_file(source_file, cover_file, Dials(strength))
        return files.read(cover_file, rate)

    row: dict[str, Cell] = {"song": song.name}
    for name, samples in (("song", source), ("cover", translated(1.0))):
        row[f"{name}, LUFS"] = f"{loudness(samples, rate):.2f}"
        row[f"{name}, dBTP"] = f"{true_peak(samples):.2f}"
        row[f"{name}, side"] = f"{side(samples):.2f}" if samples.shape[1] == 2 else None
    clipped = np.clip(source, -1, 1)  # covers are written in 16 bits
    row["strength 0"] = f"{_decibels(_energy(translated(0.0) - clipped) / _energy(clipped)):.0f}"
    return row


def _middle(samples: np.ndarray, length: int) -> np.ndarray:
    first = max(0, len(samples) - length) // 2
    return samples[first : first + length]


def mastered(samples: np.ndarray, sample_rate: int, lufs: float) -> np.ndarray:
    """Song raised to a loudness by gain and clipping.

    Args:
        samples: float32 [samples, channels].
        sample_rate: Hz.
        lufs: integrated loudness, LUFS.

    Raises:
        UserError: if the song is silent.
    """
    for _ in range(_ROUNDS):
        gain = lufs - loudness(samples, sample_rate)
        if not math.isfinite(gain):
            raise UserError("--master_lufs: a silent song has no loudness: choose another one")
        samples = np.clip(samples * 10 ** (gain / 20), -_FULL_SCALE, _FULL_SCALE).astype(np.float32)
    return samples


def loudness(samples: np.ndarray, sample_rate: int) -> float:
    """Integrated loudness by pyloudnorm, LUFS."""
    return float(pyloudnorm.Meter(sample_rate).integrated_loudness(samples))


def true_peak(samples: np.ndarray) -> float:
    """True peak at 4x oversampling by scipy's filter, dBTP."""
    return _decibels(float(np.abs(signal.resample_poly(samples, 4, 1, axis=0)).max()) ** 2)


def side(samples: np.ndarray) -> float:
    """Energy of the difference of two channels over that of their sum, dB."""
    left, right = samples[:, 0], samples[:, 1]
    return _decibels(_energy(left - right) / _energy(left + right))


def _energy(samples: np.ndarray) -> float:
    return float(np.square(samples, dtype=np.float64).sum()) + 1e-20


def _decibels(ratio: float) -> float:
    return 10 * math.log10(ratio + 1e-20)


if __name__ == "__main__":
    console.run(main)
