"""A whole song from file to file, of any length, in memory that does not grow with it."""

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
from pipelines.inference.window_translator import CoverMaker
from pipelines.inference.windows import Window

BLOCK_SECONDS = 10.0
"""Length of the pieces in which a song is decoded and written."""

_TOLERANCE = 0.5
"""Decibels of missing loudness, up to which a cover counts as loud as its source."""


@dataclasses.dataclass(frozen=True)
class Heard:
    """Length, channels and loudness of a song, measured in one pass over it.

    Attributes:
        samples: length at the model's sample rate.
        channels: 1 or 2.
        loudness: integrated, LUFS; minus infinity for silence.
    """

    samples: int
    channels: int
    loudness: float


@dataclasses.dataclass(frozen=True)
class Report:
    """Report of a song's translation: its duration, and the loudness that the cover lacks.

    Attributes:
        seconds: length of the song.
        elapsed: seconds that the translation took, decoding and writing included.
        missing: decibels by which the cover stays quieter than the source, because its peaks leave no room.
    """

    seconds: float
    elapsed: float
    missing: float

    def __str__(self) -> str:
        factor = self.seconds / self.elapsed
        speed = f"{_clock(self.seconds)} of music in {_clock(self.elapsed)}: {factor:.1f}x real time"
        if self.missing < _TOLERANCE:
            return speed
        return f"{speed}; {self.missing:.1f} dB quieter than the source, as loud as its peaks allow"


class SongTranslator:
    """Translates songs with one model; its graph is traced once for all of them."""

    def __init__(self, maker: CoverMaker) -> None:
        """Wraps a cover maker.

        Args:
            maker: how windows are translated.
        """
        self._maker = maker
        scalar = tf.TensorSpec([], tf.int32)
        self._window = tf.function(
            lambda samples, place, song, strength: maker(samples, Window(*tf.unstack(place)), song, strength),
            input_signature=[
                tf.TensorSpec([None, None], tf.float32),
                tf.TensorSpec([4], tf.int32),
                scalar,
                tf.TensorSpec([], tf.float32),
            ],
            autograph=False,
        )

    def file(self, source: Path, target: Path, strength: float = 1.0) -> Report:
        """Translates a file.

        The cover has the source's channels, length and loudness, at the model's sample rate, and true peaks
        of -1 dBTP at most. At a strength of 0 it is the source, whatever its peaks.

        Args:
            source: anything that FFmpeg reads.
            target: the same, chosen by its suffix; replaced when the cover is whole.
            strength: 0 (the source) to 1 (the full translation).

        Raises:
            UserError: if the source cannot be read or the target not be written.
        """
        began, rate = time.monotonic(), self._maker.spec.sample_rate
        heard = _listen(files.blocks(source, rate, BLOCK_SECONDS), rate)
        ceiling = CEILING if strength > 0 else math.inf
        with files.AudioWriter(target, rate, heard.channels) as writer, _spool(target) as spool:
            meter = gain.CoverMeter(rate, heard.channels)
            for piece in self._stream(source, heard, strength):
                spool.write(piece.astype("<f4").tobytes())
                meter.add(piece)
            applied = meter.matching(heard.loudness, ceiling)
            limiter = Limiter(rate, heard.channels, ceiling)
            for block in _recalled(spool, heard.channels, round(BLOCK_SECONDS * rate)):
                writer.write(limiter.add(block * np.float32(applied.factor)))
            writer.write(limiter.finish())
        return Report(heard.samples / rate, time.monotonic() - began, applied.missing)

    def _stream(self, source: Path, heard: Heard, strength: float) -> Iterator[np.ndarray]:
        """The cover, window by window, with a bar."""
        rate = self._maker.spec.sample_rate
        factor = gain.between(heard.loudness, gain.training_loudness(heard.channels))
        blocks = (block * np.float32(factor) for block in files.blocks(source, rate, BLOCK_SECONDS))
        done = 0
        with console.progress(math.ceil(heard.samples / rate), source.name, unit="s") as bar:
            for piece in self.stream(blocks, heard.samples, strength):
                yield piece
                done += len(piece)
                bar.update(math.ceil(done / rate) - bar.n)

    def stream(
        self, blocks: Iterator[np.ndarray], samples: int, strength: float = 1.0
    ) -> Iterator[np.ndarray]:
        """Translates a song that arrives in blocks; no loudness is changed.

        Args:
            blocks: float32 [samples, channels], of any lengths, at the training data's loudness.
            samples: their sum.
            strength: see `file`.

        Yields:
            float32 [samples, channels], together as many samples as came in.
        """
        windows = self._maker.windows.all(self._maker.spec.frames(samples))
        spans = [self._maker.frame_span(window) for window in windows]
        half = self._maker.spec.n_fft // 2
        for window, piece in zip(windows, cut(blocks, spans, half), strict=True):
            yield self.window(piece, window, samples, strength)

    def window(self, samples: np.ndarray, window: Window, song_samples: int, strength: float) -> np.ndarray:
        """Translates one window; no loudness is changed.

        Args:
            samples: float32 [span, channels], see `CoverMaker.__call__`.
            window: which one, in ints.
            song_samples: length of the whole song.
            strength: see `file`.

        Returns:
            float32 [samples, channels].
        """
        return self._window(samples, dataclasses.astuple(window), song_samples, strength).numpy()


def cut(blocks: Iterator[np.ndarray], spans: list[tuple[int, int]], before: int) -> Iterator[np.ndarray]:
    """Overlapping pieces of a stream, holding no more than one piece and one block.

    Args:
        blocks: float32 [samples, channels], at least one.
        spans: (first, last) sample of every piece, firsts and lasts not decreasing, counted in the stream
            preceded by `before` zeros; whatever they reach beyond its end is zeros, too.
        before: number of zeros.

    Yields:
        float32 [last - first, channels].
    """
    first_block = next(blocks)
    held = np.concatenate([np.zeros((before, first_block.shape[1]), np.float32), first_block])
    offset = 0
    for first, last in spans:
        held, offset = held[first - offset :], first
        waiting = [held]
        while sum(map(len, waiting)) < last - first and (block := next(blocks, None)) is not None:
            waiting.append(block)
        held = np.concatenate(waiting)
        missing = max(last - first - len(held), 0)
        yield np.pad(held[: last - first], ((0, missing), (0, 0)))


def _listen(blocks: Iterator[np.ndarray], sample_rate: int) -> Heard:
    """Measures a stream of at least one block."""
    meter, samples, channels = None, 0, 0
    for block in blocks:
        channels = block.shape[1]
        meter = meter or LoudnessMeter(sample_rate, channels)
        meter.add(block)
        samples += len(block)
    assert meter is not None
    return Heard(samples, channels, meter.integrated())


def _spool(target: Path) -> IO[bytes]:
    """A nameless file beside the target, where there has to be room anyway; a kill leaves nothing of it."""
    return tempfile.TemporaryFile(dir=target.parent)


def _recalled(spool: IO[bytes], channels: int, samples: int) -> Iterator[np.ndarray]:
    spool.seek(0)
    while chunk := spool.read(4 * channels * samples):
        yield np.frombuffer(chunk, "<f4").reshape(-1, channels)


def _clock(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d}"
