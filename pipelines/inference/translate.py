"""Translation of song files of any length, in memory that does not grow with the length."""

from __future__ import annotations

import dataclasses
import math
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import tensorflow as tf

from pipelines import console
from pipelines.audio import files
from pipelines.audio.limiter import Limiter
from pipelines.audio.loudness import LoudnessMeter
from pipelines.audio.true_peak import CEILING
from pipelines.inference import gain
from pipelines.inference.window_translator import WindowTranslator
from pipelines.inference.windows import Window
from pipelines.nn.dials import DIALS, Dials

BLOCK_SECONDS = 10.0
"""Length of the blocks in which a song is decoded and written."""

_TOLERANCE = 0.5
"""Shortfall of loudness, decibels, that a report does not mention."""


@dataclasses.dataclass(frozen=True)
class SongMeasurement:
    """Length, channels and loudness of a song.

    Attributes:
        samples: length at the model's sample rate.
        channels: 1 or 2.
        loudness: integrated, LUFS; minus infinity for silence.
    """

    samples: int
    channels: int
    loudness: float


@dataclasses.dataclass(frozen=True)
class TranslationReport:
    """Duration, speed and loudness shortfall of a translation.

    Attributes:
        seconds: length of the song.
        elapsed: seconds that the translation took, with decoding and writing.
        shortfall: decibels by which the translation is quieter than the source, because of its peaks.
    """

    seconds: float
    elapsed: float
    shortfall: float

    def __str__(self) -> str:
        factor = self.seconds / self.elapsed
        speed = f"{_clock(self.seconds)} of music in {_clock(self.elapsed)}: {factor:.1f}x real time"
        if self.shortfall < _TOLERANCE:
            return speed
        return f"{speed}; {self.shortfall:.1f} dB quieter than the source, as loud as its peaks allow"


class SongTranslator:
    """Translator of songs, window by window; its graph is traced once for all songs."""

    def __init__(self, window_translator: WindowTranslator) -> None:
        """Wraps a window translator."""
        self._window_translator = window_translator
        scalar = tf.TensorSpec([], tf.int32)
        self._translate_window = tf.function(
            lambda samples, window, song_samples, dials: window_translator(
                samples, Window(*tf.unstack(window)), song_samples, Dials(*tf.unstack(dials))
            ),
            input_signature=[
                tf.TensorSpec([None, None], tf.float32),
                tf.TensorSpec([4], tf.int32),
                scalar,
                tf.TensorSpec([len(Dials._fields)], tf.float32),
            ],
            autograph=False,
        )

    def translate_file(self, source: Path, target: Path, dials: Dials = DIALS) -> TranslationReport:
        """Translates a file.

        The translation has the channels, length and loudness of the source, at the model's sample rate, with
        true peaks of -1 dBTP at most. At a strength of 0 it is the source, whatever its peaks.

        Args:
            source: anything that FFmpeg reads.
            target: file to write, whose suffix is the format; replaced when the translation is complete.
            dials: of the song.

        Raises:
            UserError: if the source cannot be read or the target cannot be written.
        """
        began, rate = time.monotonic(), self._window_translator.spec.sample_rate
        song = measure_blocks(files.blocks(source, rate, BLOCK_SECONDS), rate)
        ceiling = CEILING if dials.strength > 0 else math.inf
        with files.AudioWriter(target, rate, song.channels) as writer, _temporary_file(target) as spool:
            meter = gain.MakeupMeter(rate, song.channels)
            for segment in self._translate_source(source, song, dials):
                spool.write(segment.astype("<f4").tobytes())
                meter.add(segment)
            applied = meter.gain_to(song.loudness, ceiling)
            limiter = Limiter(rate, song.channels, ceiling)
            for block in _read_blocks(spool, song.channels, round(BLOCK_SECONDS * rate)):
                writer.write(limiter.add(block * np.float32(applied.factor)))
            writer.write(limiter.finish())
        return TranslationReport(song.samples / rate, time.monotonic() - began, applied.shortfall)

    def _translate_source(self, source: Path, song: SongMeasurement, dials: Dials) -> Iterator[np.ndarray]:
        """Translation of a measured file, window by window, with a progress bar."""
        rate = self._window_translator.spec.sample_rate
        factor = gain.loudness_gain(song.loudness, gain.training_loudness(song.channels))
        blocks = (block * np.float32(factor) for block in files.blocks(source, rate, BLOCK_SECONDS))
        done = 0
        with console.progress(math.ceil(song.samples / rate), source.name, unit="s") as bar:
            for segment in self.translate_blocks(blocks, song.samples, dials):
                yield segment
                done += len(segment)
                bar.update(math.ceil(done / rate) - bar.n)

    def translate_blocks(
        self, blocks: Iterator[np.ndarray], samples: int, dials: Dials = DIALS
    ) -> Iterator[np.ndarray]:
        """Translates a stream of blocks; the loudness is not matched.

        Args:
            blocks: float32 [samples, channels], of any lengths, at the training loudness.
            samples: total length.
            dials: of the song.

        Yields:
            float32 [samples, channels], of the same total length.
        """
        windows = self._window_translator.windows.all(self._window_translator.spec.frames(samples))
        spans = [self._window_translator.sample_span(window) for window in windows]
        half = self._window_translator.spec.n_fft // 2
        for window, segment in zip(windows, overlapping_segments(blocks, spans, half), strict=True):
            yield self.translate_window(segment, window, samples, dials)

    def translate_window(
        self, samples: np.ndarray, window: Window, song_samples: int, dials: Dials
    ) -> np.ndarray:
        """Translates one window; the loudness is not matched.

        Args:
            samples: float32 [span, channels], see `WindowTranslator.__call__`.
            window: the window, in ints.
            song_samples: length of the song.
            dials: of the song, floats.

        Returns:
            float32 [samples, channels].
        """
        return self._translate_window(samples, dataclasses.astuple(window), song_samples, dials).numpy()


def measure_blocks(blocks: Iterator[np.ndarray], sample_rate: int) -> SongMeasurement:
    """Measures a stream.

    Args:
        blocks: float32 [samples, channels], at least one.
        sample_rate: Hz.
    """
    meter, samples, channels = None, 0, 0
    for block in blocks:
        channels = block.shape[1]
        meter = meter or LoudnessMeter(sample_rate, channels)
        meter.add(block)
        samples += len(block)
    assert meter is not None
    return SongMeasurement(samples, channels, meter.integrated())


def overlapping_segments(
    blocks: Iterator[np.ndarray], spans: list[tuple[int, int]], before: int
) -> Iterator[np.ndarray]:
    """Overlapping segments of a stream, in the memory of one segment and one block.

    Args:
        blocks: float32 [samples, channels], at least one.
        spans: (first, one past last) sample of every segment, both in non-decreasing order, of the stream
            padded by `before` zeros in front and by zeros at its end.
        before: number of zeros.

    Yields:
        float32 [last - first, channels].
    """
    first_block = next(blocks)
    buffer = np.concatenate([np.zeros((before, first_block.shape[1]), np.float32), first_block])
    offset = 0
    for first, last in spans:
        buffer, offset = buffer[first - offset :], first
        chunks = [buffer]
        while sum(map(len, chunks)) < last - first and (block := next(blocks, None)) is not None:
            chunks.append(block)
        buffer = np.concatenate(chunks)
        missing = max(last - first - len(buffer), 0)
        yield np.pad(buffer[: last - first], ((0, missing), (0, 0)))


def _temporary_file(target: Path) -> IO[bytes]:
    """Unnamed file in the target's folder, on the disk that has room for the target; vanishes with a kill."""
    return tempfile.TemporaryFile(dir=target.parent)


def _read_blocks(spool: IO[bytes], channels: int, samples: int) -> Iterator[np.ndarray]:
    """Blocks [samples, channels] of a file of interleaved float32."""
    spool.seek(0)
    while chunk := spool.read(4 * channels * samples):
        yield np.frombuffer(chunk, "<f4").reshape(-1, channels)


def _clock(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d}"
