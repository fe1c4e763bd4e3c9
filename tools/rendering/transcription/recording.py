"""Planned recording of the transcription data."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from tools.rendering.paired.ensembles import Ensemble
from tools.rendering.repertoire import Work
from tools.rendering.scores import Note
from tools.rendering.transcription import encoding


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
        driven: part that an overdriven amplifier plays; None for none.
        audible: the notes as long as they can be heard, for the MIDI file; None for `notes`.
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
    driven: int | None = None
    audible: tuple[Note, ...] | None = None

    @property
    def labels(self) -> tuple[Note, ...]:
        """Notes of the MIDI file."""
        return self.notes if self.audible is None else self.audible

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
