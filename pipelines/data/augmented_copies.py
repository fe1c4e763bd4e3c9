"""Augmented copies of the band's training songs: pitches and tempos other than the recorded ones.

`augmentation` describes all kinds of augmentation.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os


@dataclasses.dataclass(frozen=True)
class PitchTimeChange:
    """Change of pitch and tempo of a recording.

    Attributes:
        semitones: pitch shift, positive for higher.
        tempo: factor of the tempo, above 1 for faster.
    """

    semitones: float
    tempo: float

    def __str__(self) -> str:
        """Text in the name of a copy and, hashed, in that of its shard: a change invalidates data folders."""
        return f"{self.semitones:+.2f} semitones, tempo {self.tempo:.3f}"


@dataclasses.dataclass(frozen=True)
class CopyConfig:
    """Configuration of the augmented copies of the band's training songs.

    Attributes:
        count: number of copies of each song.
        semitones: largest pitch shift in either direction; 0 by default, because shifted instruments do not
            sound like the band's: a decoder trained on them was worse (transcriber/README.md).
        tempo: largest change of tempo in either direction, as a fraction.
    """

    count: int = 0
    semitones: float = 0.0
    tempo: float = 0.1

    def changes(self, name: str) -> list[PitchTimeChange]:
        """Changes of a song's copies: a function of its name; a larger count only appends to them.

        They come from a scrambled Halton sequence, which covers both ranges evenly with few points.

        Args:
            name: of the song; different songs have different changes.
        """
        if not self.count:
            return []
        from scipy.stats import qmc  # here, so that the workers of `prepare` start without it

        seed = int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:4], "big")
        points = 2 * qmc.Halton(2, seed=seed).random(self.count) - 1
        return [
            PitchTimeChange(round(self.semitones * pitch, 2), round(1 + self.tempo * tempo, 3))
            for pitch, tempo in points
        ]
