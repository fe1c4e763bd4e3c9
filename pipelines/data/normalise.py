"""One song, decoded once: mono, at the spec's rate, at the target loudness, as raw int16 samples.

This is what the workers of `prepare` run, so it imports no TensorFlow: they start in a second and stay small.
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
from pipelines.data.augmented_copies import Alteration
from pipelines.data.schema import PCM_SCALE, Settings
from pipelines.errors import UserError

SHORTEST_SECONDS = 1.0
QUIETEST_LUFS = -70.0
HIGHEST_PEAK = 0.99

_BLOCK_SECONDS = 10.0
# Songs up to 15 minutes at 44.1 kHz wait in memory for their gain, longer ones on disk.
_MEMORY_BYTES = 15 * 60 * 44100 * 4


@dataclasses.dataclass(frozen=True)
class Normalised:
    """Length, loudness and gain of a normalised song.

    Attributes:
        samples: length of the mono downmix, at the spec's rate.
        loudness: integrated loudness before normalisation, LUFS.
        gain_db: gain of the normalisation, dB.
        peak_limited: true if the gain is below that of the target loudness, which would clip.
        damage: what is missing of the file, in words that follow its name; empty if nothing is.
    """

    samples: int
    loudness: float
    gain_db: float
    peak_limited: bool
    damage: str = ""

    @property
    def gain(self) -> float:
        """The gain as a factor."""
        return float(10 ** (self.gain_db / 20))


def normalise(
    source: Path, pcm: Path, settings: Settings, alteration: Alteration | None = None
) -> Normalised:
    """Writes a song's normalised mono downmix as raw little-endian int16.

    Loudness is that of the mono downmix, since that is what the networks hear.

    Args:
        source: an audio file.
        pcm: the file to write.
        settings: sample rate and target loudness.
        alteration: of pitch and tempo; None for the song as it is.

    Raises:
        UserError: if the song is unreadable, silent or too short.
        OSError: if the disk is full.
    """
    with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES, dir=str(pcm.parent)) as spool:
        found = _measured(source, settings, alteration, lambda mono: spool.write(mono.tobytes()))
        spool.seek(0)
        _write(spool, pcm, found.gain)
    return found


def measure(source: Path, settings: Settings) -> Normalised:
    """Length, loudness and gain of a song, as `normalise` returns them, without writing anything.

    Args:
        source: an audio file.
        settings: sample rate and target loudness.

    Raises:
        UserError: if the song is unreadable, silent or too short.
    """
    return _measured(source, settings, None, lambda mono: None)


def _measured(
    source: Path, settings: Settings, alteration: Alteration | None, take: Callable[[np.ndarray], object]
) -> Normalised:
    """Decodes a song, and hands over its mono downmix piece by piece."""
    rate, damages = settings.spec.sample_rate, list[Damage]()
    meter, samples, peak = LoudnessMeter(rate, 1), 0, 0.0
    for piece in _altered(source, rate, alteration, damages.append):
        meter.add(piece[:, None])
        take(piece)
        samples, peak = samples + len(piece), max(peak, float(np.abs(piece).max(initial=0)))
    loudness = meter.integrated()
    damage = damages[0].reason if damages else ""
    _require_usable(source, samples / rate, loudness, damage)
    wanted = 10 ** ((settings.target_lufs - loudness) / 20)
    gain = min(wanted, HIGHEST_PEAK / peak)
    return Normalised(samples, loudness, 20 * math.log10(gain), gain < wanted, damage)


def _altered(
    source: Path, sample_rate: int, alteration: Alteration | None, on_damage: files.OnDamage
) -> Iterator[np.ndarray]:
    if alteration is None:
        return mono(source, sample_rate, on_damage=on_damage)
    pieces = mono(source, sample_rate, pitch_time.PIECE_SECONDS, on_damage)
    return pitch_time.altered(pieces, sample_rate, alteration.semitones, alteration.tempo)


def mono(
    source: Path,
    sample_rate: int,
    seconds: float = _BLOCK_SECONDS,
    on_damage: files.OnDamage = files.say_damage,
) -> Iterator[np.ndarray]:
    """The downmix of a song piece by piece, float32 [samples]; see `files.blocks`."""
    for block in files.blocks(source, sample_rate, seconds, on_damage=on_damage):
        yield to_mono(block)


def to_pcm(samples: np.ndarray, gain: float) -> np.ndarray:
    """Samples with a gain as little-endian int16, as shards hold them.

    Args:
        samples: float32 [samples].
        gain: a factor, after which no sample is beyond [-1, 1).
    """
    return np.rint(samples * np.float32(gain * PCM_SCALE)).astype("<i2")


def _require_usable(source: Path, seconds: float, loudness: float, damage: str) -> None:
    if seconds < SHORTEST_SECONDS:
        why = f" since it {damage}" if damage else ""
        raise UserError(
            f"{source} is too short ({seconds:.2f} s){why}: leave it out or give a longer recording"
        )
    if not loudness >= QUIETEST_LUFS:
        raise UserError(
            f"{source} is silent (its mono downmix is below {QUIETEST_LUFS:.0f} LUFS): leave it out"
        )


def _write(spool: IO[bytes], pcm: Path, gain: float) -> None:
    try:
        with pcm.open("wb") as out:
            while chunk := spool.read(1 << 22):
                out.write(to_pcm(np.frombuffer(chunk, np.float32), gain).tobytes())
    except OSError:
        pcm.unlink(missing_ok=True)  # on a full disk, every byte counts
        raise
