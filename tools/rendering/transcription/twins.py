"""Plan of twins: recordings of one excerpt by several ensembles, on one clock."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from tools.rendering.paired.ensembles import Ensemble
from tools.rendering.scores import Note
from tools.rendering.transcription import (
    draws,
    drum_patterns,
    effects,
    orchestration,
    performance,
    singing,
)
from tools.rendering.transcription.draws import Studio
from tools.rendering.transcription.orchestration import Instruments
from tools.rendering.transcription.recording import Recording
from tools.rendering.transcription.splits import SplitWork

_SUNG = 0.3
"""Share of the twins whose first part is sung, if a singer can."""

_DRIVEN = 0.2
"""Share of the twins with a part that an overdriven amplifier plays."""


def twins(each: SplitWork, number: int, studio: Studio, seed: str, count: int) -> list[Recording]:
    """Plan of the recordings of one excerpt by several ensembles, on one clock; none without an excerpt.

    Notes that one of the ensembles cannot reach are left out of all. Drums accompany some of them.
    """
    name = f"{number:04d}-{each.work.piece.name}"
    rng = random.Random(f"{seed} {name} {count}")
    drawn = draws.excerpt(each.work.piece, rng)
    if drawn is None:
        return []
    piece = drawn.piece
    to_seconds = performance.tempo_curve(drawn.tempo, drawn.lead, piece.quarters, rng)
    voices = sorted({note.voice for note in piece.notes})
    parts = ([note for note in piece.notes if note.voice == voice] for voice in voices)
    played = [note for part in parts for note in performance.perform(part, to_seconds, rng)]
    style = rng.choice(drum_patterns.STYLES)
    strokes = drum_patterns.accompany(piece, style, drawn.beats, to_seconds, rng)
    casts = [_cast(played, studio, each.split, rng) for _ in range(count)]
    common = [note for note in played if all(cast.plays(note) for cast in casts)]
    return [
        cast.recording(f"{name}-{chr(ord('a') + i)}", name, each, (common, strokes), drawn.seconds, rng)
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
        playing = sorted({note.voice for note in notes} - ({0} if is_sung else set()))
        driven = rng.choice(playing) if playing and rng.random() < _DRIVEN else None
        strokes = strokes if has_drums else ()
        return Recording(
            name,
            excerpt,
            each.split,
            each.work,
            (*_in_order(notes), *strokes),
            self.ensemble,
            self.font,
            seconds,
            0.0 if has_drums else max(fastest, singing.ATTACK if is_sung else 0.0),
            draws.chain(each.split, rng, effects.PRODUCTION),
            rng.getrandbits(32),
            is_sung,
            driven,
            (*_in_order(self._audible(note, is_sung, driven) for note in notes), *strokes),
        )

    def _audible(self, note: Note, is_sung: bool, driven: int | None) -> Note:
        """Note as long as it is audible; neither a voice nor an overdriven amplifier decays."""
        if note.voice == driven or (is_sung and note.voice == 0):
            return note
        return self.instruments[self.ensemble.sounds[note.voice].program].audible(note)


def _in_order(notes: Iterable[Note]) -> list[Note]:
    return sorted(notes, key=lambda note: (note.start, note.voice, note.pitch))


def _cast(played: Sequence[Note], studio: Studio, split: str, rng: random.Random) -> _Cast:
    font = studio.font(split, rng)
    kit = rng.choice(drum_patterns.KITS) if rng.random() < draws.DRUMS else None
    ensemble = orchestration.orchestrate(played, studio.instruments[font], kit, rng)
    return _Cast(orchestration.as_recorded(ensemble, rng), font, studio.instruments[font])
