"""Columns of `coverband evaluate` that are based on note posteriors.

They are defined here because `pipelines` does not import model packages.
"""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING

import numpy as np

from pipelines.evaluation.columns import Comparison, SongColumn
from pipelines.evaluation.recording import Recording
from pipelines.evaluation.results import Column
from pipelines.metrics.waveforms import resampled

if TYPE_CHECKING:  # Worker processes that do not need it save the seconds that TensorFlow takes to load.
    from transcriber.transcriber import Transcriber


def notes_kept(comparison: Comparison) -> float:
    """`frame_f1` of the note posteriors of translation and source."""
    from transcriber.scoring import frame_f1

    return frame_f1(_sounding(comparison.source), _sounding(comparison.translation))


def score_f1(comparison: Comparison) -> float:
    """`frame_f1` of the translation's note posteriors against the score."""
    from transcriber import piano_roll
    from transcriber.scoring import frame_f1

    assert comparison.notes is not None
    estimate = _sounding(comparison.translation)
    truth = piano_roll.from_notes(_transcriber().spec, comparison.notes, np.zeros((0, 3)), len(estimate))
    return frame_f1(truth.sounding, estimate)


TRANSCRIBER_COLUMNS = (
    SongColumn(
        Column(
            "notes_kept",
            "notes kept (transcriber)",
            "",
            True,
            "content",
            "F1 of the transcribed pitches of the translation against those of the source, frame by frame: "
            "preservation of the notes.",
            3,
        ),
        notes_kept,
    ),
    SongColumn(
        Column(
            "score_f1",
            "score F1 (transcriber)",
            "",
            True,
            "content",
            "F1 of the transcribed pitches of the translation against the score's; compare it with the "
            "oracle's row, since the transcriber itself makes errors.",
            3,
        ),
        score_f1,
        "notes",
    ),
)
"""Columns that measure content preservation by the note posteriors of a trained transcriber."""


_POSTERIORS: weakref.WeakKeyDictionary[Recording, np.ndarray] = weakref.WeakKeyDictionary()


def _sounding(recording: Recording) -> np.ndarray:
    """Note posteriors [frames, pitches], computed once per recording."""
    if recording not in _POSTERIORS:
        _POSTERIORS[recording] = _transcribe(recording)
    return _POSTERIORS[recording]


def _transcribe(recording: Recording) -> np.ndarray:
    from pipelines.audio.features import log_mel

    spec = _transcriber().spec
    waveform = resampled(recording.waveform, recording.sample_rate, spec.sample_rate)
    return _transcriber()(log_mel(spec, waveform[None]).numpy()[0, ..., 0]).sounding


@functools.lru_cache
def _transcriber() -> Transcriber:
    from transcriber import checkpoint

    return checkpoint.load()
