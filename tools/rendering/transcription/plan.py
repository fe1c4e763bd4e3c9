"""Plan of the transcription data: excerpt, ensemble, performance and effects of every recording."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.rendering.paired.ensembles import Ensemble
from tools.rendering.scores import Note, Piece
from tools.rendering.transcription import draws, drum_patterns, orchestration, performance, twins
from tools.rendering.transcription.orchestration import Instruments
from tools.rendering.transcription.recording import Recording
from tools.rendering.transcription.soundfonts import SoundFonts
from tools.rendering.transcription.splits import SplitWork


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
    studio, word = draws.Studio(fonts, instruments), f"coverband lessons {seed}"
    if ensembles == 1:
        single = (_recording(each, number, studio, word) for number, each in enumerate(works))
        return [recording for recording in single if recording is not None]
    return [
        recording
        for number, each in enumerate(works)
        for recording in twins.twins(each, number, studio, word, ensembles)
    ]


def _recording(each: SplitWork, number: int, studio: draws.Studio, seed: str) -> Recording | None:
    """Plan of one recording; None if the work has no excerpt with enough notes."""
    name = f"{number:04d}-{each.work.piece.name}"
    # A seed for each recording: a change of one does not affect the others.
    rng = random.Random(f"{seed} {name}")
    font, instruments = studio.font(each.split, rng), studio.instruments
    drawn = draws.excerpt(each.work.piece, rng)
    if drawn is None:
        return None
    piece = drawn.piece
    style = rng.choice(drum_patterns.STYLES) if rng.random() < draws.DRUMS else ""
    kit = rng.choice(drum_patterns.KITS) if style else None
    ensemble = orchestration.orchestrate(piece.notes, instruments[font], kit, rng)
    to_seconds = performance.tempo_curve(drawn.tempo, drawn.lead, piece.quarters, rng)
    notes = _perform(piece, ensemble, instruments[font], to_seconds, rng)
    if style:
        notes += drum_patterns.accompany(piece, style, drawn.beats, to_seconds, rng)
    chosen = draws.chain(each.split, rng)
    attack = 0.0 if style else min(instruments[font][program].attack for program in ensemble.programs)
    return Recording(
        name,
        name,
        each.split,
        each.work,
        tuple(notes),
        ensemble,
        font,
        drawn.seconds,
        attack,
        chosen,
        rng.getrandbits(32),
    )


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
