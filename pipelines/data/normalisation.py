"""Normalisation of a song: mono downmix, resampling, gain to the target loudness, int16 samples.

The workers of `prepare` run this module. It does not import TensorFlow, so that they start in a second and
stay small.
"""

from __future__ import annotations

import dataclasses
import math
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np

from pipelines.audio import files, pitch_time
from pipelines.audio.damage import Damage
from pipelines.audio.downmix import to_mono
from pipelines.audio.loudness import LoudnessMeter
from pipelines.data import accompaniments
from pipelines.data.augmented_copies import PitchTimeChange
from pipelines.data.schema import PCM_SCALE, Settings
from pipelines.errors import UserError
from pipelines.stems.files import Stem

MIN_SECONDS = 1.0
MIN_LUFS = -70.0
MAX_PEAK = 0.99

_BLOCK_SECONDS = 10.0
# Until the gain is known, songs up to 15 minutes at 44.1 kHz are held in memory, longer ones on disk.
_MEMORY_BYTES = 15 * 60 * 44100 * 4


@dataclasses.dataclass(frozen=True)
class Normalisation:
    """Length of a song, and gain that brings it to the target loudness.

    Attributes:
        samples: length of the mono downmix at the spec's rate.
        loudness: integrated loudness before normalisation, LUFS.
        gain_db: gain of the normalisation, dB.
        peak_limited: true if the gain is smaller than the target loudness requires, to avoid clipping.
        damage: missing part of the file, a clause that follows its name; empty if nothing is missing.
    """

    samples: int
    loudness: float
    gain_db: float
    peak_limited: bool
    damage: str = ""

    @property
    def gain(self) -> float:
        """Gain as a linear factor."""
        return float(10 ** (self.gain_db / 20))


def normalise(
    source: Path,
    pcm: Path,
    settings: Settings,
    change: PitchTimeChange | None = None,
    stem: Stem | None = None,
) -> Normalisation:
    """Writes a song's normalised mono downmix as raw little-endian int16.

    Loudness is measured on the mono downmix, which is the input of the networks.

    Args:
        source: an audio file.
        pcm: output file.
        settings: sample rate and target loudness.
        change: of pitch and tempo; None for none.
        stem: to write the accompaniment of the song, see `accompaniments.blocks`; None for the whole song.

    Raises:
        UserError: if the song is unreadable, silent or too short, or the stem does not fit.
        OSError: if the disk is full.
    """
    with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES, dir=str(pcm.parent)) as spool:
        found = _measure(source, settings, change, stem, lambda mono: spool.write(mono.tobytes()))
        spool.seek(0)
        _write(spool, pcm, found.gain)
    return found


def measure(source: Path, settings: Settings) -> Normalisation:
    """Measures a song as `normalise` does, without writing it.

    Args:
        source: an audio file.
        settings: sample rate and target loudness.

    Raises:
        UserError: if the song is unreadable, silent or too short.
    """
    return _measure(source, settings, None, None, lambda mono: None)


def _measure(
    source: Path,
    settings: Settings,
    change: PitchTimeChange | None,
    stem: Stem | None,
    consume: Callable[[np.ndarray], object],
) -> Normalisation:
    """Decodes a song; `consume` is called with its mono downmix block by block."""
    rate, damages = settings.spec.sample_rate, list[Damage]()
    meter, samples, peak = LoudnessMeter(rate, 1), 0, 0.0
    for block in _changed(source, rate, change, stem, damages.append):
        meter.add(block[:, None])
        consume(block)
        samples, peak = samples + len(block), max(peak, float(np.abs(block).max(initial=0)))
    loudness = meter.integrated()
    damage = damages[0].reason if damages else ""
    _require_usable(stem or source, samples / rate, loudness, damage)
    target = 10 ** ((settings.target_lufs - loudness) / 20)
    gain = min(target, MAX_PEAK / peak)
    return Normalisation(samples, loudness, 20 * math.log10(gain), gain < target, damage)


def _changed(
    source: Path,
    sample_rate: int,
    change: PitchTimeChange | None,
    stem: Stem | None,
    on_damage: files.OnDamage,
) -> Iterator[np.ndarray]:
    seconds = pitch_time.BLOCK_SECONDS if change else _BLOCK_SECONDS
    if stem is None:
        blocks = mono(source, sample_rate, seconds, on_damage)
    else:
        parts = accompaniments.blocks(source, stem, sample_rate, seconds, on_damage)
        blocks = (to_mono(block) for block in parts)
    if change is None:
        return blocks
    return pitch_time.change_pitch_and_tempo(blocks, sample_rate, change.semitones, change.tempo)


def mono(
    source: Path,
    sample_rate: int,
    seconds: float = _BLOCK_SECONDS,
    on_damage: files.OnDamage = files.report_damage,
) -> Iterator[np.ndarray]:
    """Mono downmix of a song block by block, float32 [samples]; see `files.blocks`."""
    for block in files.blocks(source, sample_rate, seconds, on_damage=on_damage):
        yield to_mono(block)


def to_pcm(samples: np.ndarray, gain: float) -> np.ndarray:
    """Scaled samples as little-endian int16, the format of shards.

    Args:
        samples: float32 [samples].
        gain: linear factor; scaled samples must be in [-1, 1).
    """
    return np.rint(samples * np.float32(gain * PCM_SCALE)).astype("<i2")


def _require_usable(source: Path | Stem, seconds: float, loudness: float, damage: str) -> None:
    if seconds < MIN_SECONDS:
        why = f" since it {damage}" if damage else ""
        raise UserError(
            f"{source} is too short ({seconds:.2f} s){why}: leave it out or give a longer recording"
        )
    if not loudness >= MIN_LUFS:
        raise UserError(f"{source} is silent (its mono downmix is below {MIN_LUFS:.0f} LUFS): leave it out")


def _write(spool: IO[bytes], pcm: Path, gain: float) -> None:
    try:
        with pcm.open("wb") as out:
            while chunk := spool.read(1 << 22):
                out.write(to_pcm(np.frombuffer(chunk, np.float32), gain).tobytes())
    except OSError:
        pcm.unlink(missing_ok=True)  # on a full disk, every byte counts
        raise
