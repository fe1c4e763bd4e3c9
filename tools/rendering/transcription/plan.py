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
    singing,
)
from tools.rendering.transcription.orchestration import Instruments
from tools.rendering.transcription.soundfonts import SoundFonts
from tools.rendering.transcription.splits import SplitWork

TAIL = 1.0
"""Seconds after the last note, for its decay."""

_SECONDS = (12.0, 16.0)
_LEAD = (0.1, 0.8)
_TEMPO = (60.0, 150.0)
_DRUMS = 1 / 3
_WITH_EFFECTS = {"train": 0.7, "valid": 0.5, "test": 0.1}
_CODED = 0.35
_SUNG = 0.3
_ATTEMPTS = 12
_LEAST_NOTES = 8


@dataclasses.dataclass(frozen=True)
class Recording:
    """Planned recording.

    Attributes:
        name: file name without suffix.
        excerpt: name of the excerpt and its performance, which are those of every recording with this name.
        split: train, valid or test.
        work: work that the excerpt is taken from.
        notes: notes of the performance, in seconds; those of drums have the voice midi.DRUMS.
        ensemble: instruments.
        soundfont: SoundFont of the instruments.
        seconds: length.
        attack: attack time of the fastest instrument, seconds.
        effects: names of effects, and of a coding.
        seed: seed of the effects, and of the singing.
        is_sung: the notes of the first part are sung, in place of its instrument.
    """

    name: str
    excerpt: str
    split: str
    work: Work
    notes: tuple[Note, ...]
    ensemble: Ensemble
    soundfont: Path
    seconds: float
    attack: float
    effects: tuple[str, ...]
    seed: int
    is_sung: bool = False

    @property
    def coding(self) -> str:
        """Coding of the file, a key of encoding.CODINGS."""
        return next((name for name in self.effects if name in encoding.CODINGS), encoding.DEFAULT)

    @property
    def path(self) -> str:
        """Path of the audio file below the output folder."""
        return f"audio/{self.name}{encoding.CODINGS[self.coding][0]}"

    @property
    def midi(self) -> str:
        """Path of the MIDI file below the output folder."""
        return f"notes/{self.name}.mid"


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


def plan(
    works: Sequence[SplitWork],
    fonts: SoundFonts,
    instruments: Mapping[Path, Instruments],
    seed: int,
    ensembles: int = 1,
) -> list[Recording]:
    """Plan of all recordings.

    Args:
        works: works with their splits.
        fonts: SoundFonts for training and test.
        instruments: instruments by SoundFont.
        seed: seed of the plan and the performances.
        ensembles: number of recordings of every excerpt, by ensembles of their own, on one clock.
    """
    # The word is part of the seed, on which the rendered corpus and its published numbers depend.
    studio, word = Studio(fonts, instruments), f"coverband lessons {seed}"
    if ensembles == 1:
        single = (_recording(each, number, studio, word) for number, each in enumerate(works))
        return [recording for recording in single if recording is not None]
    return [
        recording
        for number, each in enumerate(works)
        for recording in _twins(each, number, studio, word, ensembles)
    ]


def _recording(each: SplitWork, number: int, studio: Studio, seed: str) -> Recording | None:
    """Plan of one recording; None if the work has no excerpt with enough notes."""
    name = f"{number:04d}-{each.work.piece.name}"
    # A seed for each recording: a change of one does not affect the others.
    rng = random.Random(f"{seed} {name}")
    font, instruments = studio.font(each.split, rng), studio.instruments
    seconds, lead = rng.uniform(*_SECONDS), rng.uniform(*_LEAD)
    beats = excerpts.beats_in_quarter(each.work.piece)
    tempo = rng.uniform(*_TEMPO) * beats
    piece = _excerpt(each.work.piece, (seconds - lead - TAIL) * tempo / 60 / (1 + performance.DRIFT), rng)
    if piece is None:
        return None
    style = rng.choice(drum_patterns.STYLES) if rng.random() < _DRUMS else ""
    kit = rng.choice(drum_patterns.KITS) if style else None
    ensemble = orchestration.orchestrate(piece.notes, instruments[font], kit, rng)
    to_seconds = performance.tempo_curve(tempo, lead, piece.quarters, rng)
    notes = _perform(piece, ensemble, instruments[font], to_seconds, rng)
    if style:
        notes += drum_patterns.accompany(piece, style, beats, to_seconds, rng)
    chosen = _effects(_WITH_EFFECTS[each.split], rng)
    attack = 0.0 if style else min(instruments[font][program].attack for program in ensemble.programs)
    return Recording(
        name,
        name,
        each.split,
        each.work,
        tuple(notes),
        ensemble,
        font,
        seconds,
        attack,
        chosen,
        rng.getrandbits(32),
    )


def _twins(each: SplitWork, number: int, studio: Studio, seed: str, count: int) -> list[Recording]:
    """Plan of the recordings of one excerpt by several ensembles, on one clock; none without an excerpt.

    Notes that one of the ensembles cannot reach are left out of all. Drums accompany some of them.
    """
    name = f"{number:04d}-{each.work.piece.name}"
    rng = random.Random(f"{seed} {name} {count}")
    seconds, lead = rng.uniform(*_SECONDS), rng.uniform(*_LEAD)
    beats = excerpts.beats_in_quarter(each.work.piece)
    tempo = rng.uniform(*_TEMPO) * beats
    piece = _excerpt(each.work.piece, (seconds - lead - TAIL) * tempo / 60 / (1 + performance.DRIFT), rng)
    if piece is None:
        return []
    to_seconds = performance.tempo_curve(tempo, lead, piece.quarters, rng)
    voices = sorted({note.voice for note in piece.notes})
    parts = ([note for note in piece.notes if note.voice == voice] for voice in voices)
    played = [note for part in parts for note in performance.perform(part, to_seconds, rng)]
    style = rng.choice(drum_patterns.STYLES)
    strokes = drum_patterns.accompany(piece, style, beats, to_seconds, rng)
    casts = [_cast(played, studio, each.split, rng) for _ in range(count)]
    common = [note for note in played if all(cast.plays(note) for cast in casts)]
    return [
        cast.recording(f"{name}-{chr(ord('a') + i)}", name, each, (common, strokes), seconds, rng)
        for i, cast in enumerate(casts)
    ]


@dataclasses.dataclass(frozen=True)
class _Cast:
    """Ensemble of a twin, with its SoundFont and instruments."""

    ensemble: Ensemble
    font: Path
    instruments: Instruments

    def plays(self, note: Note) -> bool:
        """True if the instrument of the note's voice reaches it; those that double it need not."""
        first = next(part for part in self.ensemble.parts if note.voice in part.voices)
        return note.pitch in self.instruments[first.sound.program].keys

    def recording(
        self,
        name: str,
        excerpt: str,
        each: SplitWork,
        score: tuple[Sequence[Note], Sequence[Note]],
        seconds: float,
        rng: random.Random,
    ) -> Recording:
        """Recording of notes and strokes, in seconds."""
        played, strokes = score
        sounds = self.ensemble.sounds
        notes = [
            note
            for note in self.ensemble.arrange(played)
            if note.pitch in self.instruments[sounds[note.voice].program].keys
        ]
        has_drums = self.ensemble.kit is not None
        fastest = min(self.instruments[program].attack for program in self.ensemble.programs)
        is_sung = rng.random() < _SUNG and singing.is_singable([note for note in notes if note.voice == 0])
        return Recording(
            name,
            excerpt,
            each.split,
            each.work,
            (
                *sorted(notes, key=lambda note: (note.start, note.voice, note.pitch)),
                *(strokes if has_drums else ()),
            ),
            self.ensemble,
            self.font,
            seconds,
            0.0 if has_drums else max(fastest, singing.ATTACK if is_sung else 0.0),
            _effects(_WITH_EFFECTS[each.split], rng, effects.PRODUCTION),
            rng.getrandbits(32),
            is_sung,
        )


def _cast(played: Sequence[Note], studio: Studio, split: str, rng: random.Random) -> _Cast:
    font = studio.font(split, rng)
    kit = rng.choice(drum_patterns.KITS) if rng.random() < _DRUMS else None
    ensemble = orchestration.orchestrate(played, studio.instruments[font], kit, rng)
    return _Cast(orchestration.as_recorded(ensemble, rng), font, studio.instruments[font])


def _excerpt(piece: Piece, quarters: float, rng: random.Random) -> Piece | None:
    for _ in range(_ATTEMPTS):
        excerpt = excerpts.random_excerpt(piece, quarters, rng)
        if len(excerpt.notes) >= _LEAST_NOTES and excerpt.quarters > 0.8 * quarters:
            return excerpts.accompanied(excerpt, rng)
    return None


def _perform(
    piece: Piece,
    ensemble: Ensemble,
    instruments: Instruments,
    to_seconds: performance.TempoCurve,
    rng: random.Random,
) -> list[Note]:
    """Notes of all parts, in seconds; notes outside the range of an instrument are left out."""
    arranged, performed = ensemble.arrange(piece.notes), []
    for number, sound in enumerate(ensemble.sounds):
        keys = instruments[sound.program].keys
        part = [note for note in arranged if note.voice == number and note.pitch in keys]
        performed += performance.perform(part, to_seconds, rng)
    return sorted(performed, key=lambda note: (note.start, note.voice, note.pitch))


def _effects(
    share: float, rng: random.Random, chain: Mapping[str, tuple[effects.Effect, float]] = effects.EFFECTS
) -> tuple[str, ...]:
    """Random effects with probability `share`; at least one of them, or a coding."""
    if rng.random() >= share:
        return ()
    chosen = [name for name, (_, probability) in chain.items() if rng.random() < probability]
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
