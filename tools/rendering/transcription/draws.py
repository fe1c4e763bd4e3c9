"""Random draws of a plan for one recording: SoundFont, excerpt and effects."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Mapping
from pathlib import Path

from tools.rendering.scores import Piece
from tools.rendering.transcription import effects, encoding, excerpts, performance
from tools.rendering.transcription.orchestration import Instruments
from tools.rendering.transcription.soundfonts import SoundFonts

TAIL = 1.0
"""Seconds after the last note, for its decay."""

DRUMS = 1 / 3
"""Share of the recordings with drums."""

_SECONDS = (12.0, 16.0)
_LEAD = (0.1, 0.8)
_TEMPO = (60.0, 150.0)
_WITH_EFFECTS = {"train": 0.7, "valid": 0.5, "test": 0.1}
_CODED = 0.35
_ATTEMPTS = 12
_LEAST_NOTES = 8


@dataclasses.dataclass(frozen=True)
class Studio:
    """SoundFonts of a plan, and what can be played with them.

    Attributes:
        fonts: SoundFonts for training and test.
        instruments: instruments by SoundFont.
    """

    fonts: SoundFonts
    instruments: Mapping[Path, Instruments]

    def font(self, split: str, rng: random.Random) -> Path:
        """Random SoundFont of a split."""
        return self.fonts.held_out if split == "test" else _weighted_choice(self.fonts.training, rng)


@dataclasses.dataclass(frozen=True)
class Excerpt:
    """Excerpt of a work, with its tempo.

    Attributes:
        piece: its notes.
        seconds: length of the recording.
        lead: seconds before the first note.
        beats: quarter notes per beat.
        tempo: quarter notes per minute.
    """

    piece: Piece
    seconds: float
    lead: float
    beats: float
    tempo: float


def excerpt(piece: Piece, rng: random.Random) -> Excerpt | None:
    """Random excerpt of a piece; None if it has none with enough notes."""
    seconds, lead = rng.uniform(*_SECONDS), rng.uniform(*_LEAD)
    beats = excerpts.beats_in_quarter(piece)
    tempo = rng.uniform(*_TEMPO) * beats
    quarters = (seconds - lead - TAIL) * tempo / 60 / (1 + performance.DRIFT)
    for _ in range(_ATTEMPTS):
        found = excerpts.random_excerpt(piece, quarters, rng)
        if len(found.notes) >= _LEAST_NOTES and found.quarters > 0.8 * quarters:
            return Excerpt(excerpts.accompanied(found, rng), seconds, lead, beats, tempo)
    return None


def chain(
    split: str, rng: random.Random, known: Mapping[str, tuple[effects.Effect, float]] = effects.EFFECTS
) -> tuple[str, ...]:
    """Names of random effects for some recordings of a split; at least one of them, or a coding."""
    if rng.random() >= _WITH_EFFECTS[split]:
        return ()
    chosen = [name for name, (_, probability) in known.items() if rng.random() < probability]
    if rng.random() < _CODED or not chosen:
        chosen.append(rng.choice([name for name in encoding.CODINGS if name != encoding.DEFAULT]))
    return tuple(chosen)


def _weighted_choice(weights: Mapping[Path, float], rng: random.Random) -> Path:
    threshold = rng.random() * math.fsum(weights.values())
    for font, weight in weights.items():
        threshold -= weight
        if threshold < 0:
            return font
    return font
