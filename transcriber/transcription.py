"""One song transcribed: heard, written as MIDI, drawn."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image

from pipelines import outputs
from pipelines.errors import UserError
from pipelines.metrics.notes_file import write_performance
from transcriber import checkpoint, songs
from transcriber.note_events import notes_of, strokes_of
from transcriber.piano_roll import Roll
from transcriber.pictures import picture
from transcriber.transcriber import Transcriber

_KEYS = (36, 38, 42)
"""General MIDI's bass drum, snare and closed hi-hat, for the classes of `roll.DRUM_CLASSES`."""
_STROKE = 0.1
_ROW_SECONDS = 30.0
_GAP = 12
_MOST_ROWS = 40


def load(path: Path | None) -> Transcriber:
    """The transcriber of that file, or the one that comes with Coverband.

    Raises:
        UserError: if the file holds none.
    """
    return checkpoint.load(path) if path else checkpoint.load()


def write(transcriber: Transcriber, song: Path, target: Path) -> tuple[int, float]:
    """Transcribes a song.

    Args:
        transcriber: who hears.
        song: anything that FFmpeg reads.
        target: the MIDI file; beside it, a picture. Folders are made as needed.

    Returns:
        Number of notes, and seconds of music.

    Raises:
        UserError: if the song cannot be read or the file not be written.
    """
    heard = songs.hear(transcriber, song)
    notes, strokes = notes_of(transcriber.spec, heard), strokes_of(transcriber.spec, heard)
    drums = np.array([[second, second + _STROKE, _KEYS[int(kind)]] for second, kind in strokes]).reshape(
        -1, 3
    )
    image = Image.fromarray(drawn(heard, transcriber.spec.frame_rate))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with outputs.whole(target.with_suffix(".png")) as unfinished:
            image.save(unfinished, format="PNG")
        # Last, so that a MIDI file that is there has its picture.
        write_performance(target, notes, drums)
    except OSError as error:
        raise UserError(f"{target} cannot be written ({error.strerror}): name another --output") from error
    return len(notes), len(heard.sounding) / transcriber.spec.frame_rate


def drawn(heard: Roll, frame_rate: float) -> np.ndarray:
    """Piano rolls of half a minute each, above each other; of long songs the start.

    Returns:
        uint8 [height, width, 3].
    """
    row = round(_ROW_SECONDS * frame_rate)
    count = min(math.ceil(len(heard.sounding) / row), _MOST_ROWS)
    parts = [Roll(*(part[i * row : (i + 1) * row] for part in heard)) for i in range(count)]
    images = [picture(Roll(*(part.astype(np.float32) for part in roll))) for roll in parts]
    width = max(image.shape[1] for image in images)
    padded = [np.pad(i, ((0, _GAP), (0, width - i.shape[1]), (0, 0)), constant_values=255) for i in images]
    return np.concatenate(padded)[:-_GAP]
