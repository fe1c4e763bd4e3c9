"""Note transcription by a network that no model trains on, and agreement of two recordings in notes.

The network is that of Bittner et al. 2022, "A lightweight instrument-agnostic model for polyphonic note
transcription and multipitch estimation", as released in the package basic-pitch. It needs onnxruntime, the
extra `judges`; with one thread it takes 2.2 s of processor time for a minute of audio.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import NamedTuple

import librosa
import mir_eval
import numpy as np

from pipelines.errors import UserError
from pipelines.metrics import published_weights
from pipelines.metrics.waveforms import resampled, unit_rms

SAMPLE_RATE, HOP_LENGTH = 22050, 256
FRAME_RATE = SAMPLE_RATE / HOP_LENGTH
LOWEST, PITCHES = 21, 88
"""MIDI number of the lowest pitch, A0, and the number of pitches."""

_WINDOW_SAMPLES, _WINDOW_FRAMES = 43844, 172
_EDGE = 15
"""Frames at both ends of a window whose context is incomplete; they are taken from the next window."""
_KEPT = _WINDOW_FRAMES - 2 * _EDGE
_BATCH = 8
_LEVEL = 0.1
"""Root mean square of the network's input, that of music at about -20 dBFS."""
_OUTPUTS = ["StatefulPartitionedCall:1", "StatefulPartitionedCall:2"]
_INPUT = "serving_default_input_2:0"

ONSET_THRESHOLD, NOTE_THRESHOLD = 0.5, 0.3
"""Least posteriors of an onset and of a sounding note: the defaults of the package."""
_SHORTEST = 11
"""Least length of a note in frames (128 ms): also its default."""
_GAP = 11
"""Longest gap below the threshold that does not end a note, in frames: likewise."""
_ONSET_TOLERANCE, _PITCH_TOLERANCE_CENTS = 0.05, 50.0

Network = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Windows [n, _WINDOW_SAMPLES, 1] to note and onset posteriors, [n, _WINDOW_FRAMES, PITCHES] each."""


class Posteriors(NamedTuple):
    """Probabilities that a pitch sounds (`note`) and that it begins (`onset`), float32 [frames, PITCHES]."""

    note: np.ndarray
    onset: np.ndarray


def load() -> Network:
    """Loads the network, which computes in one thread: workers run one per core.

    Raises:
        UserError: if onnxruntime is not installed, or the weights cannot be had, see `fetch`.
    """
    try:
        runtime = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise UserError('note F1 needs onnxruntime: pip install "coverband[judges]"') from error
    path = published_weights.fetch(published_weights.BASIC_PITCH) / "nmp.onnx"
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # Errors only.
    session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return lambda windows: tuple(session.run(_OUTPUTS, {_INPUT: windows}))


def posteriors(network: Network, waveform: np.ndarray, sample_rate: int) -> Posteriors:
    """Note and onset posteriors of a recording, FRAME_RATE frames a second.

    Windows overlap by twice _EDGE frames and begin at whole hops, so that the frames of all windows are on
    one grid.

    Args:
        network: see `load`.
        waveform: float [samples], mono, at any level.
        sample_rate: Hz.

    Returns:
        Frame i is at i / FRAME_RATE seconds; a frame for every HOP_LENGTH samples that have begun.
    """
    samples = _LEVEL * unit_rms(resampled(waveform, sample_rate, SAMPLE_RATE))
    frames = -(-len(samples) // HOP_LENGTH)
    count = -(-frames // _KEPT)
    if not count:
        return Posteriors(*np.zeros((2, 0, PITCHES), np.float32))
    step = _KEPT * HOP_LENGTH
    padded = np.zeros((count - 1) * step + _WINDOW_SAMPLES, np.float32)
    body = samples[: len(padded) - _EDGE * HOP_LENGTH]
    padded[_EDGE * HOP_LENGTH :][: len(body)] = body
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW_SAMPLES)[::step, :, np.newaxis]
    batches = [network(np.ascontiguousarray(windows[i : i + _BATCH])) for i in range(0, count, _BATCH)]
    note, onset = (
        np.concatenate(parts)[:, _EDGE:-_EDGE].reshape(-1, PITCHES)[:frames]
        for parts in zip(*batches, strict=True)
    )
    return Posteriors(note, onset)


def notes(found: Posteriors) -> np.ndarray:
    """Notes of posteriors.

    A note begins where the onset posterior of its pitch has a peak, and lasts until the note posterior has
    been low for _GAP frames, or the pitch begins again. Pitches that sound without an onset are left out,
    because a tolerance of 50 ms is no test of them.

    Args:
        found: see `posteriors`.

    Returns:
        float64 [notes, 3]: start and end in seconds, MIDI pitch; sorted by start, then by pitch.
    """
    onset, frames = found.onset, len(found.onset)
    if not frames:
        return np.zeros((0, 3))
    before, after = np.pad(onset, ((1, 0), (0, 0)))[:-1], np.pad(onset, ((0, 1), (0, 0)))[1:]
    begins = (onset >= ONSET_THRESHOLD) & (onset > before) & (onset >= after)
    sounding = np.pad(found.note >= NOTE_THRESHOLD, ((0, _GAP), (0, 0)))
    within = np.lib.stride_tricks.sliding_window_view(sounding, _GAP, axis=0).any(axis=-1)[:frames]
    # The frame in which the gap begins: the first of _GAP frames in a row that are silent.
    ends = np.minimum(_next(~within), _next(begins))
    start, pitch = np.nonzero(begins)
    end = ends[start + 1, pitch]
    long = end - start >= _SHORTEST
    return np.stack([start / FRAME_RATE, end / FRAME_RATE, LOWEST + pitch], axis=1)[long]


def note_f1(reference: np.ndarray, estimate: np.ndarray) -> float:
    """F-measure of notes: onsets within 50 ms, equal pitch, any length (mir_eval.transcription).

    Args:
        reference: float [notes, 3]: start and end in seconds, MIDI pitch.
        estimate: likewise.

    Returns:
        1 for equal notes; 0 if none agrees, or either has none.
    """
    if not len(reference) or not len(estimate):
        return 0.0
    return float(
        mir_eval.transcription.precision_recall_f1_overlap(
            reference[:, :2],
            librosa.midi_to_hz(reference[:, 2]),
            estimate[:, :2],
            librosa.midi_to_hz(estimate[:, 2]),
            onset_tolerance=_ONSET_TOLERANCE,
            pitch_tolerance=_PITCH_TOLERANCE_CENTS,
            offset_ratio=None,
        )[2]
    )


def _next(marked: np.ndarray) -> np.ndarray:
    """For every frame and one more, the first marked frame from there on, or the number of frames."""
    frames = len(marked)
    indices = np.where(marked, np.arange(frames)[:, np.newaxis], frames)
    following = np.minimum.accumulate(indices[::-1], axis=0)[::-1]
    return np.concatenate([following, np.full((1, marked.shape[1]), frames)])
