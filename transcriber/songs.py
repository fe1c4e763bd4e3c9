"""Transcription of audio files of any length to note posteriors, window by window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from pipelines.audio.arrays.mel import magnitude_to_log_mel
from pipelines.audio.arrays.stft import stft
from pipelines.audio.loudness import TRAINING_LUFS
from pipelines.audio.song_measurement import measure_blocks
from pipelines.audio.spec import AudioSpec
from pipelines.audio.streams import overlapping_segments
from pipelines.audio.tuning import TuningMeter
from pipelines.inference import downmix, gain
from pipelines.inference.windows import Windows
from pipelines.nn.pitches import PITCHES
from transcriber.piano_roll import DRUM_CLASSES, Roll
from transcriber.velocities import pitch_levels

_WIDTH = 3 * PITCHES + len(DRUM_CLASSES)


class WindowTranscriber(Protocol):
    """Transcriber of one window after the other, on TensorFlow or on arrays."""

    @property
    def spec(self) -> AudioSpec:
        """Audio spec of the log-mels."""

    @property
    def windows(self) -> Windows:
        """Windows of a song."""

    def window(self, log_mel: np.ndarray) -> np.ndarray:
        """Probabilities of [1, frames, n_mels, 1], concatenated, see `Transcriber.probabilities`."""


class FrameTranscription(NamedTuple):
    """Transcription of a song, frame by frame.

    Attributes:
        posteriors: note posteriors, float16.
        levels: levels of the pitches, float16 (see `transcriber.velocities.pitch_levels`).
        tuning: deviation of the song from A4 = 440 Hz, cents.
    """

    posteriors: Roll
    levels: np.ndarray
    tuning: float


def transcribe(transcriber: WindowTranscriber, song: Path) -> FrameTranscription:
    """Transcribes a song at the loudness of the training data, and at A4 = 440 Hz.

    A song that is out of tune is played at another speed, which tunes it. Windows are processed one after
    another; only the result stays in memory, 46 kB a second at the default spec.

    Args:
        transcriber: trained transcriber.
        song: file that FFmpeg reads.

    Returns:
        Frames of the song at its own speed.

    Raises:
        UserError: if the song cannot be read.
    """
    spec = transcriber.spec
    samples, loudness, tuning = _measure(song, spec.sample_rate)
    rate = round(spec.sample_rate * 2 ** (tuning / 1200))
    factor = np.float32(gain.loudness_gain(loudness, TRAINING_LUFS))
    blocks = (block * factor for block in downmix.blocks(song, rate))
    tuned_samples = round(samples * rate / spec.sample_rate)
    frames = np.empty((spec.frames(tuned_samples), _WIDTH), np.float16)
    start = 0
    for part in _windows(transcriber, blocks, tuned_samples):
        frames[start : start + len(part)] = part
        start += len(part)
    if tuning:
        nearest = np.round(np.arange(spec.frames(samples)) * (rate / spec.sample_rate)).astype(np.int64)
        frames = frames[np.minimum(nearest, len(frames) - 1)]
    *posteriors, levels = np.split(frames, np.cumsum([PITCHES, PITCHES, len(DRUM_CLASSES)]), axis=1)
    return FrameTranscription(Roll(*posteriors), levels, tuning)


def _measure(song: Path, sample_rate: int) -> tuple[int, float, float]:
    """Length in samples, loudness in LUFS and tuning in cents of the downmix of a song."""
    meter = TuningMeter(sample_rate)

    def blocks() -> Iterator[np.ndarray]:
        for block in downmix.blocks(song, sample_rate):
            meter.add(block[:, 0])
            yield block

    measured = measure_blocks(blocks(), sample_rate)
    return measured.samples, measured.loudness, meter.cents()


def _windows(
    transcriber: WindowTranscriber, blocks: Iterator[np.ndarray], samples: int
) -> Iterator[np.ndarray]:
    """Posteriors and levels of each window, [frames, _WIDTH]."""
    spec, windows = transcriber.spec, transcriber.windows.all(transcriber.spec.frames(samples))
    spans = [(window.first * spec.hop_length, spec.samples(window.last) + spec.n_fft) for window in windows]
    for window, piece in zip(windows, overlapping_segments(blocks, spans, spec.n_fft // 2), strict=True):
        mel = magnitude_to_log_mel(spec, np.abs(stft(spec, piece.T)))
        inner = slice(window.start - window.first, window.stop - window.first)
        levels = pitch_levels(spec, mel[0, inner, :, 0])
        yield np.concatenate([transcriber.window(mel)[0, inner], levels], axis=1)
