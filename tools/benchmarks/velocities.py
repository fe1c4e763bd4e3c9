"""Measures the velocities of transcribed notes.

    python -m tools benchmark velocities --scores bench_timgm6mb/test/rock --soundfont timgm6mb

The notes of each score are played anew by one instrument, each with a random velocity of its own, and
transcribed. Of the notes that are found (onset within 50 ms, equal pitch): the correlation of their
velocities with those played, and the share whose velocity is right after the line that fits best, within a
tenth of the range (Hawthorne et al. 2018, "Onsets and frames: dual-objective piano transcription", by
mir_eval). A transcriber that gives all notes one velocity has the share of the column "equal".
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import mir_eval
import numpy as np
from absl import flags

from pipelines import console
from pipelines.errors import UserError
from pipelines.metrics.notes_file import read_notes
from tools.benchmarks.tables import Table
from tools.rendering import midi, soundfonts, synth
from tools.rendering.scores import Note
from transcriber import array_transcriber, songs
from transcriber.note_events import notes_of
from transcriber.scoring import TOLERANCE
from transcriber.songs import WindowTranscriber
from transcriber.velocities import velocities_of

INSTRUMENTS = {
    "piano": 0,
    "nylon guitar": 24,
    "overdriven guitar": 29,
    "strings": 48,
    "trumpet": 56,
    "flute": 73,
}
"""General MIDI programs, from 0."""

_QUIETEST, _LOUDEST, _EQUAL = 32, 120, 80
_TAIL = 1.0
"""Seconds after the last note."""


class Performance(NamedTuple):
    """Notes, float64 [notes, 3] (start and end in seconds, MIDI pitch), and their velocities, [notes]."""

    notes: np.ndarray
    velocities: np.ndarray


class Agreement(NamedTuple):
    """Agreement of a transcription's velocities with those played.

    Attributes:
        found: share of the notes that are found.
        correlation: Pearson's, of the velocities of the notes that are found; NaN where one has no deviation.
        right: share of the notes that are found whose velocity is right.
    """

    found: float
    correlation: float
    right: float


def agreement(played: Performance, transcribed: Performance) -> Agreement:
    """Agreement of the velocities of a transcription; see the module.

    Args:
        played: the truth.
        transcribed: likewise.
    """
    truth, found = (
        (each.notes[:, :2], mir_eval.util.midi_to_hz(each.notes[:, 2])) for each in (played, transcribed)
    )
    options = {"onset_tolerance": TOLERANCE, "offset_ratio": None}
    pairs = mir_eval.transcription.match_notes(*truth, *found, **options)
    if len(pairs) < 2:
        return Agreement(len(pairs) / max(len(played.notes), 1), np.nan, np.nan)
    right = mir_eval.transcription_velocity.match_notes(
        *truth, played.velocities, *found, transcribed.velocities, **options
    )
    one, other = np.transpose(pairs)
    both = np.stack([played.velocities[one], transcribed.velocities[other]]).astype(np.float64)
    correlation = float(np.corrcoef(both)[0, 1]) if both.std(axis=1).all() else np.nan
    return Agreement(len(pairs) / len(played.notes), correlation, len(right) / len(pairs))


def played(notes: np.ndarray, seed: int) -> Performance:
    """Notes with random velocities, independent of each other.

    Args:
        notes: see `Performance`; of notes of one pitch that begin together, the first is kept.
        seed: of the velocities.
    """
    _, first = np.unique(np.round(notes[:, [0, 2]], 2), axis=0, return_index=True)
    kept = notes[np.sort(first)]
    return Performance(kept, np.random.default_rng(seed).integers(_QUIETEST, _LOUDEST + 1, len(kept)))


def transcribed(
    transcriber: WindowTranscriber, performance: Performance, program: int, soundfont: Path
) -> Performance:
    """Transcription of a performance by one instrument."""
    notes = [
        Note(start, end - start, round(pitch), 0, int(velocity))
        for (start, end, pitch), velocity in zip(*performance, strict=True)
    ]
    seconds = performance.notes[:, 1].max() + _TAIL
    with tempfile.TemporaryDirectory() as folder:
        song = Path(folder, "song.ogg")
        synth.write(
            song, synth.render_at_loudness(midi.encode(notes, [midi.Sound(program)]), seconds, soundfont)
        )
        posteriors, levels, _ = songs.transcribe(transcriber, song)
    found = notes_of(transcriber.spec, posteriors)
    return Performance(found, velocities_of(transcriber.spec, found, levels))


def measure(
    transcriber: WindowTranscriber, scores: Sequence[Path], program: int, soundfont: Path
) -> Mapping[str, float]:
    """Means over the scores, played by one instrument, by the columns of the table."""
    rows = []
    for seed, path in enumerate(scores):
        performance = played(read_notes(path), seed)
        found = transcribed(transcriber, performance, program, soundfont)
        equal = found._replace(velocities=np.full(len(found.notes), _EQUAL))
        rows.append([*agreement(performance, found), agreement(performance, equal).right])
    columns = ("notes found", "correlation", "velocity right", "equal")
    return dict(zip(columns, np.mean(rows, axis=0).tolist(), strict=True))


def main(argv: list[str]) -> None:
    """Prints a table of all instruments."""
    values = flags.FlagValues()
    scores = flags.DEFINE_string("scores", None, "Folder of MIDI files.", required=True, flag_values=values)
    soundfont = flags.DEFINE_string(
        "soundfont", "timgm6mb", "SoundFont that plays them: a name or a file.", flag_values=values
    )
    count = flags.DEFINE_integer("songs", 12, "Number of scores.", lower_bound=1, flag_values=values)
    console.parse(values, argv, __doc__)
    synth.require_fluidsynth()
    path = soundfonts.find_soundfont(soundfont.value)
    chosen = sorted(Path(scores.value).glob("*.mid"))[: count.value]
    if not chosen:
        raise UserError(f"{scores.value} holds no MIDI files (*.mid): name a folder of scores")
    transcriber = array_transcriber.load()
    rows = []
    for name, program in console.progress(INSTRUMENTS.items(), "measuring", unit="instrument"):
        rows.append({"instrument": name, **measure(transcriber, chosen, program, path)})
    print(Table(f"Velocities, {len(chosen)} scores by {path.name}", tuple(rows)))


if __name__ == "__main__":
    console.run(main)
