"""Columns of what the transcriber hears; it is told to the evaluation here, since pipelines knows no family."""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING

import numpy as np

from pipelines.evaluation.columns import Hearing, SongColumn
from pipelines.evaluation.recording import Recording
from pipelines.evaluation.results import Column
from pipelines.metrics.waveforms import resampled

if TYPE_CHECKING:  # It loads TensorFlow, which takes seconds, in processes that do without it.
    from transcriber.transcriber import Transcriber


def notes_kept(hearing: Hearing) -> float:
    """`frame_f1` of what is heard in the source and in the cover."""
    from transcriber.scoring import frame_f1

    return frame_f1(_sounding(hearing.source), _sounding(hearing.sound))


def score_heard(hearing: Hearing) -> float:
    """`frame_f1` of the score and of what is heard in the cover."""
    from transcriber import piano_roll
    from transcriber.scoring import frame_f1

    assert hearing.notes is not None
    heard = _sounding(hearing.sound)
    truth = piano_roll.of_notes(_transcriber().spec, hearing.notes, np.zeros((0, 3)), len(heard))
    return frame_f1(truth.sounding, heard)


HEARD = (
    SongColumn(
        Column(
            "notes_kept",
            "notes kept (transcriber)",
            "",
            True,
            "content",
            "F1 of the pitches that the transcriber hears in the cover and in the song, frame by frame: whether "
            "the same is played.",
            3,
        ),
        notes_kept,
    ),
    SongColumn(
        Column(
            "score_heard",
            "score heard (transcriber)",
            "",
            True,
            "content",
            "F1 of the pitches that the transcriber hears in the cover and of the score's; compare it with the "
            "oracle's row, since the transcriber itself makes mistakes.",
            3,
        ),
        score_heard,
        "notes",
    ),
)
"""Columns that measure content preservation by the note posteriors of a trained transcriber."""


_HEARD: weakref.WeakKeyDictionary[Recording, np.ndarray] = weakref.WeakKeyDictionary()


def _sounding(recording: Recording) -> np.ndarray:
    """Probabilities [frames, pitches]; a recording is heard only once."""
    if recording not in _HEARD:
        _HEARD[recording] = _hear(recording)
    return _HEARD[recording]


def _hear(recording: Recording) -> np.ndarray:
    from pipelines.audio.features import log_mel

    spec = _transcriber().spec
    waveform = resampled(recording.waveform, recording.sample_rate, spec.sample_rate)
    return _transcriber()(log_mel(spec, waveform[None]).numpy()[0, ..., 0]).sounding


@functools.lru_cache
def _transcriber() -> Transcriber:
    from transcriber import checkpoint

    return checkpoint.load()
