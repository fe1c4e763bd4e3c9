"""Transcription of audio files of any length to note posteriors, window by window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.inference import downmix, gain
from pipelines.inference.translate import overlapping_segments
from pipelines.nn.pitch_axis import PITCHES
from transcriber.piano_roll import Roll
from transcriber.transcriber import Transcriber


def hear(transcriber: Transcriber, song: Path) -> Roll:
    """Probabilities of all frames of a song, at the loudness that the transcriber was taught at.

    The sound goes through in windows; what stays in memory is the result, at the default spec 31 kB a second.

    Args:
        transcriber: who hears.
        song: anything that FFmpeg reads.

    Raises:
        UserError: if the song cannot be read.
    """
    samples, loudness = downmix.measure(song, transcriber.spec.sample_rate)
    factor = np.float32(gain.loudness_gain(loudness, TRAINING_LUFS))
    blocks = (block * factor for block in downmix.blocks(song, transcriber.spec.sample_rate))
    parts = [part.astype(np.float16) for part in _heard(transcriber, blocks, samples)]
    return Roll(*np.split(np.concatenate(parts), [PITCHES, 2 * PITCHES], axis=1))


def _heard(transcriber: Transcriber, blocks: Iterator[np.ndarray], samples: int) -> Iterator[np.ndarray]:
    """[frames, all probabilities] of each window."""
    spec, windows = transcriber.spec, transcriber.windows.all(transcriber.spec.frames(samples))
    spans = [(window.first * spec.hop_length, spec.samples(window.last) + spec.n_fft) for window in windows]
    for window, piece in zip(windows, overlapping_segments(blocks, spans, spec.n_fft // 2), strict=True):
        mel = log_mel(spec, tf.constant(piece.T), center=False)
        heard = transcriber.window(mel)[0]
        yield heard[window.start - window.first : window.stop - window.first]
