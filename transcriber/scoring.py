"""Transcription scores: F1 of frames, and by mir_eval of onsets, notes and drums."""

from __future__ import annotations

from collections.abc import Sequence

import mir_eval
import numpy as np

from pipelines.audio.spec import AudioSpec
from pipelines.nn.pitches import LOWEST, PITCHES
from transcriber.note_events import SOUNDING, notes_of, strokes_of
from transcriber.piano_roll import DRUM_CLASSES, Roll, drum_class

TOLERANCE = 0.05
"""Tolerance of an onset, seconds."""

_PITCHED = ("onset", "note")


def scores(
    spec: AudioSpec, truths: Sequence[tuple[np.ndarray, np.ndarray, Roll]], posteriors: Sequence[Roll]
) -> dict[str, float]:
    """Mean F1 over recordings.

    Frames as Bay et al. 2009, "Evaluation of multiple-F0 estimation and tracking systems"; onsets and notes
    as MIREX note tracking: within 50 ms and 50 cents, and of notes also the end, within 50 ms or 20 %.

    Args:
        spec: gives the frame rate.
        truths: notes, drums (see `transcription_data.Example`) and roll of each recording.
        posteriors: note posteriors of each recording.

    Returns:
        "f1/frame", "f1/onset", "f1/note", and "f1/drums" over those that have drums, if any have.
    """
    pairs = list(zip(truths, posteriors, strict=True))
    values = {"f1/frame": [frame_f1(roll.sounding, found.sounding) for (_, _, roll), found in pairs]}
    found_notes = [notes_of(spec, found) for found in posteriors]
    for kind in _PITCHED:
        ends = None if kind == "onset" else 0.2
        values[f"f1/{kind}"] = [
            note_f1(notes, found, ends) for (notes, _, _), found in zip(truths, found_notes, strict=True)
        ]
    values["f1/drums"] = [
        drum_f1(drums, strokes_of(spec, found)) for (_, drums, _), found in pairs if len(drums)
    ]
    return {name: float(np.mean(each)) for name, each in values.items() if each}


def frame_f1(one: np.ndarray, other: np.ndarray) -> float:
    """F1 of pitches frame by frame, counted over all frames; 1 when neither has any.

    Args:
        one: probabilities, or 0 and 1, [frames, pitches].
        other: likewise; the longer is cut.
    """
    frames = min(len(one), len(other))
    a, b = (x[:frames] >= SOUNDING for x in (one, other))
    both = np.count_nonzero(a & b)
    total = np.count_nonzero(a) + np.count_nonzero(b)
    return 2 * both / total if total else 1.0


def octaves(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> dict[int, float]:
    """`frame_f1` of the pitches of each octave, counted over all frames of all recordings.

    Args:
        pairs: piano roll of the score and probabilities of each recording, [frames, pitches].

    Returns:
        By the number of the octave, as in the name of a pitch (A0 is the lowest of a piano, middle C is C4);
        without those that neither has.
    """
    frames = [min(len(one), len(other)) for one, other in pairs]
    truth, found = (
        np.concatenate([pair[i][:count] >= SOUNDING for pair, count in zip(pairs, frames, strict=True)])
        for i in (0, 1)
    )
    numbers = (np.arange(LOWEST, LOWEST + PITCHES)) // 12 - 1
    scores_by_octave = {}
    for number in np.unique(numbers):
        ours, theirs = truth[:, numbers == number], found[:, numbers == number]
        if total := np.count_nonzero(ours) + np.count_nonzero(theirs):
            scores_by_octave[int(number)] = 2 * np.count_nonzero(ours & theirs) / total
    return scores_by_octave


def note_f1(truth: np.ndarray, found: np.ndarray, ends: float | None = None) -> float:
    """F1 of notes, [notes, 3] each; 1 when neither has any.

    Args:
        truth: notes of the score; those outside a piano's range or without length do not count.
        found: notes of the transcription.
        ends: tolerance of a note's end, as share of its length; None if ends do not count.
    """
    playable = (truth[:, 2] >= LOWEST) & (truth[:, 2] < LOWEST + PITCHES)
    truth = truth[playable & (truth[:, 1] > truth[:, 0])]
    if not len(truth) or not len(found):
        return float(len(truth) == len(found))
    return mir_eval.transcription.precision_recall_f1_overlap(
        truth[:, :2], _hertz(truth), found[:, :2], _hertz(found), TOLERANCE, offset_ratio=ends
    )[2]


def drum_f1(truth: np.ndarray, found: np.ndarray) -> float:
    """Mean F1 over the drum classes that occur.

    Args:
        truth: [strokes, 3], see `transcription_data.Example`.
        found: [strokes, 2]: seconds, class.
    """
    classes = np.array([drum_class(round(key)) for key in truth[:, 2]])
    values = []
    for kind in range(len(DRUM_CLASSES)):
        ours, theirs = np.unique(truth[classes == kind, 0]), found[found[:, 1] == kind, 0]
        if len(ours) and len(theirs):
            values.append(mir_eval.onset.f_measure(ours, theirs, window=TOLERANCE)[0])
        elif len(ours) or len(theirs):
            values.append(0.0)
    return float(np.mean(values)) if values else 1.0


def _hertz(notes: np.ndarray) -> np.ndarray:
    return 440.0 * 2 ** ((notes[:, 2] - 69) / 12)
