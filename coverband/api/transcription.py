"""Transcription of the public API: notes and drum strokes of a song."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from coverband.api.sounds import PathLike, Sound, as_file
from transcriber import array_transcriber, songs
from transcriber.note_events import notes_of, strokes_of
from transcriber.piano_roll import DRUM_CLASSES
from transcriber.velocities import velocities_of


class Notes(NamedTuple):
    """Notes of a song, by start, then by pitch.

    Attributes:
        start: float64 [notes], seconds.
        end: float64 [notes], seconds.
        pitch: int64 [notes], MIDI numbers; 69 is 440 Hz.
        velocity: int64 [notes], 1 to 127, relative to the loud notes of the song.
    """

    start: np.ndarray
    end: np.ndarray
    pitch: np.ndarray
    velocity: np.ndarray


class Drums(NamedTuple):
    """Drum strokes of a song, by time.

    Attributes:
        time: float64 [strokes], seconds.
        drum: str [strokes], "kick" (bass drums), "snare" (and toms and hand drums) or "cymbal" (and hi-hats).
    """

    time: np.ndarray
    drum: np.ndarray


class Transcription(NamedTuple):
    """Notes and drum strokes of a song."""

    notes: Notes
    drums: Drums


def transcribe(
    song: Sound, sample_rate: int | None = None, *, transcriber: PathLike | None = None
) -> Transcription:
    """Transcribes a song; one that is out of tune is tuned first.

        notes, drums = coverband.transcribe("song.mp3")
        notes.pitch[notes.start < 10]

    Args:
        song: file that FFmpeg reads; or a waveform, float [samples, channels], of 1 or 2 channels.
        sample_rate: of a waveform, Hz.
        transcriber: transcriber.npz of a training run; None for the one that comes with Coverband.

    Raises:
        UserError: if the file cannot be read.
        ValueError: if the waveform has another shape, or its sample rate is missing.
    """
    model = array_transcriber.load(None if transcriber is None else Path(transcriber))
    with as_file(song, sample_rate) as path:
        posteriors, levels, _ = songs.transcribe(model, path)
    notes, strokes = notes_of(model.spec, posteriors), strokes_of(model.spec, posteriors)
    return Transcription(
        Notes(
            notes[:, 0], notes[:, 1], notes[:, 2].astype(np.int64), velocities_of(model.spec, notes, levels)
        ),
        Drums(strokes[:, 0], np.array(DRUM_CLASSES)[strokes[:, 1].astype(np.int64)]),
    )
