"""Measures what covers keep of their songs: loudness, true peak, stereo width, and all of it at strength 0.

    python -m tools benchmark covers --model runs/mine --song a.ogg --song b.mp3
    python -m tools benchmark covers --model runs/mine --song a.ogg --master_lufs -8

Each song's middle is translated as `coverband translate` does. Loudness is measured by pyloudnorm, true peaks
at 4x oversampling by scipy: neither is what translating measures with.
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
from pipelines.inference.loading import load_maker
from pipelines.inference.translate import SongTranslator
from tools.benchmarks.tables import Cell, Row, Table

_LEAST_SECONDS = 0.4
_ROUNDS = 15
"""Turns of gain and clipping that bring a song to a loudness: clipping takes some of it back."""
_FULL_SCALE = 1.06
"""Amplitude at which a master clips: decoded masters exceed full scale by about half a decibel."""
_NOTES = (
    "LUFS: integrated loudness. dBTP: true peak. Side: the difference of two channels against their sum, dB. "
    "Strength 0: the difference of that cover from its song, against the song, dB.",
)


def main(argv: list[str]) -> None:
    """Prints a row for each song."""
    values = flags.FlagValues()
    model = flags.DEFINE_string(
        "model", None, "As --model of `coverband translate`.", required=True, flag_values=values
    )
    song = flags.DEFINE_multi_string("song", None, "A song to translate.", required=True, flag_values=values)
    seconds = flags.DEFINE_float(
        "seconds", 15.0, "Length of each song's middle.", lower_bound=0.5, flag_values=values
    )
    master = flags.DEFINE_float(
        "master_lufs",
        None,
        "Bring each song to this loudness first, by clipping, as loud masters are.",
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    for name in song.value or []:
        files.info(name)  # raises the sentence of a file that is none
    maker = load_maker(Path(model.value or ""))
    translator, rate = SongTranslator(maker), maker.spec.sample_rate
    with tempfile.TemporaryDirectory() as scratch:
        rows = tuple(
            _row(translator, rate, Path(name), Path(scratch), seconds.value, master.value)
            for name in song.value or []
        )
    print(Table("Covers beside their songs", rows, _NOTES))


def _row(
    translator: SongTranslator, rate: int, song: Path, scratch: Path, seconds: float, master: float | None
) -> Row:
    source = _middle(files.read(song, rate), round(seconds * rate))
    if len(source) < _LEAST_SECONDS * rate:
        raise UserError(f"{song} is shorter than {_LEAST_SECONDS} s: too short for a loudness")
    if master is not None:
        source = mastered(source, rate, master)
    given, made = scratch / "song.wav", scratch / "cover.wav"
    soundfile.write(given, source, rate, subtype="FLOAT")

    def covered(strength: float) -> np.ndarray:
        translator.file(given, made, strength)
        return files.read(made, rate)

    row: dict[str, Cell] = {"song": song.name}
    for name, samples in (("song", source), ("cover", covered(1.0))):
        row[f"{name}, LUFS"] = f"{loudness(samples, rate):.2f}"
        row[f"{name}, dBTP"] = f"{true_peak(samples):.2f}"
        row[f"{name}, side"] = f"{side(samples):.2f}" if samples.shape[1] == 2 else None
    whole = np.clip(source, -1, 1)  # as covers are written, in 16 bits
    row["strength 0"] = f"{_decibels(_energy(covered(0.0) - whole) / _energy(whole)):.0f}"
    return row


def _middle(samples: np.ndarray, length: int) -> np.ndarray:
    first = max(0, len(samples) - length) // 2
    return samples[first : first + length]


def mastered(samples: np.ndarray, sample_rate: int, wanted: float) -> np.ndarray:
    """A song turned up and clipped until it has a loudness.

    Args:
        samples: float32 [samples, channels].
        sample_rate: Hz.
        wanted: LUFS.

    Raises:
        UserError: if the song is silent.
    """
    for _ in range(_ROUNDS):
        missing = wanted - loudness(samples, sample_rate)
        if not math.isfinite(missing):
            raise UserError("--master_lufs: a silent song has no loudness: choose another")
        samples = np.clip(samples * 10 ** (missing / 20), -_FULL_SCALE, _FULL_SCALE).astype(np.float32)
    return samples


def loudness(samples: np.ndarray, sample_rate: int) -> float:
    """Integrated loudness by pyloudnorm, LUFS."""
    return float(pyloudnorm.Meter(sample_rate).integrated_loudness(samples))


def true_peak(samples: np.ndarray) -> float:
    """Largest value at 4x oversampling by scipy's own filter, dBTP."""
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
