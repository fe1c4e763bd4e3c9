"""Transcription of a song to a MIDI file, a picture, and a page that plays."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from pipelines import outputs
from pipelines.errors import UserError
from pipelines.metrics.notes_file import write_performance
from transcriber import roll_page, songs
from transcriber.beats import beats_of
from transcriber.note_events import notes_of, strokes_of
from transcriber.piano_roll import Roll
from transcriber.pictures import picture
from transcriber.songs import WindowTranscriber
from transcriber.velocities import velocities_of

_KEYS = (36, 38, 42)
"""General MIDI's bass drum, snare and closed hi-hat, for the classes of `piano_roll.DRUM_CLASSES`."""
_STROKE = 0.1
_ROW_SECONDS = 30.0
_GAP = 12
_MOST_ROWS = 20


class Summary(NamedTuple):
    """Number of notes, seconds of music, and tuning in cents of a transcription."""

    notes: int
    seconds: float
    tuning: float


def write(transcriber: WindowTranscriber, song: Path, target: Path) -> Summary:
    """Transcribes a song.

    Args:
        transcriber: trained transcriber.
        song: file that FFmpeg reads.
        target: MIDI file; a picture and a page are written beside it. Folders are made as needed.

    Raises:
        UserError: if the song cannot be read or the file cannot be written.
    """
    spec, (posteriors, levels, tuning) = transcriber.spec, songs.transcribe(transcriber, song)
    notes, strokes = notes_of(spec, posteriors), strokes_of(spec, posteriors)
    velocities, beats = velocities_of(spec, notes, levels), beats_of(spec, posteriors)
    drums = np.array([[second, second + _STROKE, _KEYS[int(kind)]] for second, kind in strokes]).reshape(
        -1, 3
    )
    image = Image.fromarray(drawn(posteriors, spec.frame_rate))
    seconds = len(posteriors.sounding) / spec.frame_rate
    page = roll_page.page(song.stem, notes, velocities, strokes, beats, seconds)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with outputs.whole(target.with_suffix(".png")) as unfinished:
            image.save(unfinished, format="PNG")
        with outputs.whole(target.with_suffix(".html")) as unfinished:
            unfinished.write_bytes(page)
        # Last, so that a MIDI file that exists has its picture and its page.
        write_performance(target, notes, drums, velocities=velocities, beats=beats)
    except OSError as error:
        raise UserError(f"{target} cannot be written ({error.strerror}): name another --output") from error
    return Summary(len(notes), seconds, tuning)


def drawn(posteriors: Roll, frame_rate: float) -> np.ndarray:
    """Picture of piano rolls of half a minute each, one below the other; of long songs only the start.

    Returns:
        uint8 [height, width, 3].
    """
    row = round(_ROW_SECONDS * frame_rate)
    count = min(math.ceil(len(posteriors.sounding) / row), _MOST_ROWS)
    rolls = (Roll(*(part[i * row : (i + 1) * row] for part in posteriors)) for i in range(count))
    images = (picture(Roll(*(part.astype(np.float32) for part in roll))) for roll in rolls)
    first = next(images)
    height, width, _ = first.shape
    drawing = np.full((count * (height + _GAP) - _GAP, width, 3), 255, np.uint8)
    for i, image in enumerate(itertools.chain([first], images)):
        top = i * (height + _GAP)
        drawing[top : top + height, : image.shape[1]] = image
    return drawing
