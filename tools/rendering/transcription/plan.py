"""Plan of the transcription data: excerpt, ensemble, performance and effects of every recording."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.rendering.paired.ensembles import Ensemble
from tools.rendering.repertoire import Work
from tools.rendering.scores import Note, Piece
from tools.rendering.transcription import (
    drum_patterns,
    effects,
    encoding,
    excerpts,
    orchestration,
    performance,
)
from tools.rendering.transcription.orchestration import Instruments
from tools.rendering.transcription.soundfonts import Orchestra
from tools.rendering.transcription.splits import Take

TAIL = 1.0
"""Seconds that are left for the last notes to die away."""

_SECONDS = (12.0, 16.0)
_LEAD = (0.1, 0.8)
_TEMPO = (60.0, 150.0)
_DRUMS = 1 / 3
_WITH_EFFECTS = {"train": 0.7, "valid": 0.5, "test": 0.1}
_CODED = 0.35
_ATTEMPTS = 12
_FEWEST = 8


@dataclasses.dataclass(frozen=True)
class Lesson:
    """One recording.

    Attributes:
        name: of its files.
        split: train, valid or test.
        work: where the passage is from.
        notes: what the players play, in seconds; drums have the voice midi.DRUMS.
        ensemble: who plays.
        soundfont: with which sounds.
        seconds: how long.
        attack: of the quickest player, in seconds.
        effects: names of effects and of a coding.
        seed: of the effects.
    """

    name: str
    split: str
    work: Work
    notes: tuple[Note, ...]
    ensemble: Ensemble
    soundfont: Path
    seconds: float
    attack: float
    effects: tuple[str, ...]
    seed: int

    @property
    def coding(self) -> str:
        """A key of coding.CODINGS."""
        return next((name for name in self.effects if name in encoding.CODINGS), encoding.USUAL)

    @property
    def audio(self) -> str:
        """Path below the lessons' folder."""
        return f"audio/{self.name}{encoding.CODINGS[self.coding][0]}"

    @property
    def score(self) -> str:
        """Path below the lessons' folder."""
        return f"notes/{self.name}.mid"


def plan(
    takes: Sequence[Take], fonts: Orchestra, instruments: Mapping[Path, Instruments], seed: int
) -> list[Lesson]:
    """Casts and plays what was dealt.

    Args:
        takes: works in their splits.
        fonts: the test has the one that is held out.
        instruments: of every SoundFont.
        seed: the same seed gives the same lessons.
    """
    return [
        lesson
        for number, take in enumerate(takes)
        if (lesson := _lesson(take, number, fonts, instruments, f"coverband lessons {seed}")) is not None
    ]


def _lesson(
    take: Take, number: int, fonts: Orchestra, instruments: Mapping[Path, Instruments], seed: str
) -> Lesson | None:
    """None if the work has no passage with enough notes."""
    name = f"{number:04d}-{take.work.piece.name}"
    # Whatever changes in one lesson leaves the others as they are.
    chance = random.Random(f"{seed} {name}")
    font = fonts.held_out if take.split == "test" else _drawn(fonts.taught, chance)
    seconds, lead = chance.uniform(*_SECONDS), chance.uniform(*_LEAD)
    beats = excerpts.beats_in_quarter(take.work.piece)
    tempo = chance.uniform(*_TEMPO) * beats
    piece = _passage(take.work.piece, (seconds - lead - TAIL) * tempo / 60 / (1 + performance.DRIFT), chance)
    if piece is None:
        return None
    style = chance.choice(drum_patterns.STYLES) if chance.random() < _DRUMS else ""
    kit = chance.choice(drum_patterns.KITS) if style else None
    ensemble = orchestration.cast(piece.notes, instruments[font], kit, chance)
    at = performance.clock(tempo, lead, piece.quarters, chance)
    notes = _played(piece, ensemble, instruments[font], at, chance)
    if style:
        notes += drum_patterns.drum(piece, style, beats, at, chance)
    chosen = _effects(_WITH_EFFECTS[take.split], chance)
    attack = 0.0 if style else min(instruments[font][program].attack for program in ensemble.programs)
    return Lesson(
        name,
        take.split,
        take.work,
        tuple(notes),
        ensemble,
        font,
        seconds,
        attack,
        chosen,
        chance.getrandbits(32),
    )


def _passage(piece: Piece, quarters: float, chance: random.Random) -> Piece | None:
    for _ in range(_ATTEMPTS):
        found = excerpts.passage(piece, quarters, chance)
        if len(found.notes) >= _FEWEST and found.quarters > 0.8 * quarters:
            return excerpts.accompanied(found, chance)
    return None


def _played(
    piece: Piece, ensemble: Ensemble, instruments: Instruments, at: performance.Clock, chance: random.Random
) -> list[Note]:
    """The notes of all players, whose numbers take the voices' place; what they cannot play is left out."""
    arranged, played = ensemble.arrange(piece.notes), []
    for number, sound in enumerate(ensemble.sounds):
        keys = instruments[sound.program].keys
        player = [note for note in arranged if note.voice == number and note.pitch in keys]
        played += performance.play(player, at, chance)
    return sorted(played, key=lambda note: (note.start, note.voice, note.pitch))


def _effects(share: float, chance: random.Random) -> tuple[str, ...]:
    if chance.random() >= share:
        return ()
    chosen = [name for name, (_, often) in effects.EFFECTS.items() if chance.random() < often]
    if chance.random() < _CODED or not chosen:
        chosen.append(chance.choice([name for name in encoding.CODINGS if name != encoding.USUAL]))
    return tuple(chosen)


def _drawn(fonts: Mapping[Path, float], chance: random.Random) -> Path:
    lot = chance.random() * math.fsum(fonts.values())
    for font, share in fonts.items():
        lot -= share
        if lot < 0:
            return font
    return font
