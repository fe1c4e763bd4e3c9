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


def transcribe(transcriber: Transcriber, song: Path) -> Roll:
    """Note posteriors of a song, at the loudness of the training data.

    Windows are processed one after another; only the result stays in memory, 31 kB a second at the default
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
    parts = [part.astype(np.float16) for part in _windows(transcriber, blocks, samples)]
    return Roll(*np.split(np.concatenate(parts), [PITCHES, 2 * PITCHES], axis=1))


def _windows(transcriber: Transcriber, blocks: Iterator[np.ndarray], samples: int) -> Iterator[np.ndarray]:
    """Posteriors of each window, [frames, all classes]."""
    spec, windows = transcriber.spec, transcriber.windows.all(transcriber.spec.frames(samples))
    spans = [(window.first * spec.hop_length, spec.samples(window.last) + spec.n_fft) for window in windows]
    for window, piece in zip(windows, overlapping_segments(blocks, spans, spec.n_fft // 2), strict=True):
        mel = log_mel(spec, tf.constant(piece.T), center=False)
        posteriors = transcriber.window(mel)[0]
        yield posteriors[window.start - window.first : window.stop - window.first]
