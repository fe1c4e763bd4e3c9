"""Transcription of audio files of any length to note posteriors, window by window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.audio.streams import overlapping_segments
from pipelines.inference import downmix, gain
from pipelines.nn.pitch_axis import PITCHES
from transcriber.piano_roll import DRUM_CLASSES, Roll
from transcriber.transcriber import Transcriber
from transcriber.velocities import pitch_levels

_WIDTH = 3 * PITCHES + len(DRUM_CLASSES)


class FrameTranscription(NamedTuple):
    """Transcription of a song, frame by frame.

    Attributes:
        posteriors: note posteriors, float16.
        levels: levels of the pitches, float16 (see `transcriber.velocities.pitch_levels`).
    """

    posteriors: Roll
    levels: np.ndarray


def transcribe(transcriber: Transcriber, song: Path) -> FrameTranscription:
    """Transcribes a song at the loudness of the training data.

    Windows are processed one after another; only the result stays in memory, 46 kB a second at the default
    spec.

    Args:
        transcriber: trained transcriber.
        song: file that FFmpeg reads.

    Raises:
        UserError: if the song cannot be read.
    """
    samples, loudness = downmix.measure(song, transcriber.spec.sample_rate)
    factor = np.float32(gain.loudness_gain(loudness, TRAINING_LUFS))
    blocks = (block * factor for block in downmix.blocks(song, transcriber.spec.sample_rate))
    frames = np.empty((transcriber.spec.frames(samples), _WIDTH), np.float16)
    start = 0
    for part in _windows(transcriber, blocks, samples):
        frames[start : start + len(part)] = part
        start += len(part)
    *posteriors, levels = np.split(frames, np.cumsum([PITCHES, PITCHES, len(DRUM_CLASSES)]), axis=1)
    return FrameTranscription(Roll(*posteriors), levels)


def _windows(transcriber: Transcriber, blocks: Iterator[np.ndarray], samples: int) -> Iterator[np.ndarray]:
    """Posteriors and levels of each window, [frames, _WIDTH]."""
    spec, windows = transcriber.spec, transcriber.windows.all(transcriber.spec.frames(samples))
    spans = [(window.first * spec.hop_length, spec.samples(window.last) + spec.n_fft) for window in windows]
    for window, piece in zip(windows, overlapping_segments(blocks, spans, spec.n_fft // 2), strict=True):
        mel = log_mel(spec, tf.constant(piece.T), center=False)
        inner = slice(window.start - window.first, window.stop - window.first)
        levels = pitch_levels(spec, mel.numpy()[0, inner, :, 0])
        yield np.concatenate([transcriber.window(mel)[0, inner], levels], axis=1)
