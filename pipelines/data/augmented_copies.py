"""Songs at other pitches and tempos, so that a model hears more of a small band than was recorded."""

from __future__ import annotations

import dataclasses
import hashlib
import os


@dataclasses.dataclass(frozen=True)
class Alteration:
    """Change of pitch and tempo of a recording.

    Attributes:
        semitones: number of semitones by which the pitch is raised.
        tempo: factor by which the tempo is raised.
    """

    semitones: float
    tempo: float

    def __str__(self) -> str:
        return f"{self.semitones:+.2f} semitones, tempo {self.tempo:.3f}"


@dataclasses.dataclass(frozen=True)
class Variety:
    """Configuration of the variants (augmented copies) of the band's training songs.

    Attributes:
        count: number of variants of each song.
        semitones: the largest change of pitch, either way; none by default, since shifted instruments are not
            the band's: a decoder that learnt from them came out worse (transcriber/README.md).
        tempo: the largest change of tempo, either way, as a share.
    """

    count: int = 0
    semitones: float = 0.0
    tempo: float = 0.1

    def of(self, name: str) -> list[Alteration]:
        """The alterations of a song: always the same, and the first ones the same whatever the count.

        They are spread evenly over both ranges (a scrambled Halton sequence), so that few are enough.

        Args:
            name: of the song; every song has others.
        """
        if not self.count:
            return []
        from scipy.stats import qmc  # here, so that the workers of `prepare` start without it

        seed = int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:4], "big")
        places = 2 * qmc.Halton(2, seed=seed).random(self.count) - 1
        return [
            Alteration(round(self.semitones * pitch, 2), round(1 + self.tempo * tempo, 3))
            for pitch, tempo in places
        ]
