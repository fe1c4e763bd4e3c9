"""Translation of song files of any length, in memory that does not grow with the length."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import math
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from pipelines import console
from pipelines.audio import files
from pipelines.audio.arrays.stereo_width import with_stereo_width
from pipelines.audio.limiter import Limiter
from pipelines.audio.song_measurement import SongMeasurement
from pipelines.audio.streams import (
    Signal,
    array_blocks,
    block_size,
    overlapping_segments,
    read_blocks,
    read_once,
    write_block,
)
from pipelines.audio.true_peak import CEILING
from pipelines.inference import gain
from pipelines.inference.ahead import in_threads
from pipelines.inference.window_translation import WindowTranslation
from pipelines.inference.windows import Window
from pipelines.nn.dials import DIALS, Dials
from pipelines.stems.alignment import Alignment
from pipelines.stems.files import Stem
from pipelines.stems.parts import SplitSong, WholeSong

_TOLERANCE = 0.5
"""Shortfall of loudness, decibels, that a report does not mention."""


@dataclasses.dataclass(frozen=True)
class TranslationReport:
    """Duration, speed and loudness shortfall of a translation.

    Attributes:
        seconds: length of the song.
        elapsed: seconds that the translation took, with decoding and writing.
        shortfall: decibels by which the translation is quieter than the source, because of its peaks.
        alignment: of the stem, or None.
    """

    seconds: float
    elapsed: float
    shortfall: float
    alignment: Alignment | None = None

    def __str__(self) -> str:
        factor = self.seconds / self.elapsed
        clauses = [f"{_clock(self.seconds)} of music in {_clock(self.elapsed)}: {factor:.1f}x real time"]
        if self.shortfall >= _TOLERANCE:
            clauses.append(f"{self.shortfall:.1f} dB quieter than the source, as loud as its peaks allow")
        if self.alignment:
            clauses.append(str(self.alignment))
        return "; ".join(clauses)


class SongTranslator:
    """Translator of songs, window by window; what translates a window is compiled once for all songs."""

    def __init__(self, window_translator: WindowTranslation) -> None:
        """Wraps a window translator."""
        self._window_translator = window_translator
        self._translate_window = window_translator.compiled()

    def translate_file(
        self,
        source: Path,
        target: Path,
        dials: Dials = DIALS,
        *,
        stem: Stem | None = None,
        vocals_level: float = 0.0,
    ) -> TranslationReport:
        """Translates a file.

        The translation has the channels, length and loudness of the source, at the model's sample rate, with
        true peaks of -1 dBTP at most. At a strength of 0 it is the source, whatever its peaks. With a stem,
        only the accompaniment is translated, and the voice is added to it as it is.

        Args:
            source: anything that FFmpeg reads.
            target: file to write, whose suffix is the format; replaced when the translation is complete.
            dials: of the song.
            stem: the voice or the accompaniment of the source.
            vocals_level: change of the voice's level, decibels.

        Raises:
            UserError: if the source cannot be read, the target cannot be written or the stem does not fit.
        """
        began, rate = time.monotonic(), self._window_translator.spec.sample_rate
        with contextlib.ExitStack() as stack:
            parts = stack.enter_context(_file_parts(source, stem, rate, target.parent))
            song, ceiling = parts.song, _ceiling(dials, vocals_level)
            writer = stack.enter_context(files.AudioWriter(target, rate, song.channels))
            spool = stack.enter_context(_temporary_file(target))
            for segment in _with_progress(self.translate_parts(parts, dials), song, source.name, rate):
                write_block(spool, segment)
            blocks = functools.partial(read_blocks, spool, song.channels, block_size(rate))
            mix = parts.mix(blocks, vocals_level)
            meter, limiter = gain.MakeupMeter(rate, song.channels), Limiter(rate, song.channels, ceiling)
            for block in mix():
                meter.add(block)
            applied = meter.gain_to(song.loudness, ceiling)
            for block in mix():
                writer.write(limiter.add(block * np.float32(applied.factor)))
            writer.write(limiter.finish())
        elapsed = time.monotonic() - began
        return TranslationReport(song.samples / rate, elapsed, applied.shortfall, parts.alignment)

    def translate_array(
        self, parts: WholeSong, dials: Dials = DIALS, vocals_level: float = 0.0
    ) -> np.ndarray:
        """Translates a song in memory; see `translate_file`.

        Returns:
            float32 [samples, channels].
        """
        rate = self._window_translator.spec.sample_rate
        translation = np.concatenate(list(self.translate_parts(parts, dials)))
        blocks = functools.partial(array_blocks, translation, block_size(rate))
        mixed = np.concatenate(list(parts.mix(blocks, vocals_level)()))
        return gain.match_loudness(mixed, parts.song.loudness, rate, _ceiling(dials, vocals_level))[0]

    def translate_parts(self, parts: WholeSong, dials: Dials) -> Iterator[np.ndarray]:
        """Translates the accompaniment of a song; the loudness is not matched.

        Yields:
            float32 [samples, channels], of the length of the song.
        """
        factor = gain.loudness_gain(parts.accompaniment_loudness, gain.training_loudness(parts.song.channels))
        blocks = (block * np.float32(factor) for block in parts.accompaniment())
        return self.translate_blocks(blocks, parts.song.samples, dials)

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
        segments = zip(windows, overlapping_segments(blocks, spans, half), strict=True)

        def translated(window: Window, segment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            translation = self.translate_window(segment, window, samples, dials)
            return segment[self._window_translator.source_start(window) :][: len(translation)], translation

        pairs = in_threads(self._window_translator.threads, lambda each: translated(*each), segments)
        return with_stereo_width(pairs, self._window_translator.spec.hop_length)

    def translate_window(
        self, samples: np.ndarray, window: Window, song_samples: int, dials: Dials
    ) -> np.ndarray:
        """Translates one window; neither loudness nor stereo width are matched.

        Args:
            samples: float32 [span, channels], see `WindowTranslation.__call__`.
            window: the window, in ints.
            song_samples: length of the song.
            dials: of the song, floats.

        Returns:
            float32 [samples, channels].
        """
        return self._translate_window(samples, window, song_samples, dials)


@contextlib.contextmanager
def _file_parts(source: Path, stem: Stem | None, sample_rate: int, folder: Path) -> Iterator[WholeSong]:
    """Context manager of the parts of a file; with a stem, which takes many passes, decoded into `folder`."""
    song = Signal.from_file(source, sample_rate)
    if stem is None:
        yield WholeSong(song, sample_rate)
        return
    with (
        read_once(song, sample_rate, folder) as decoded,
        read_once(stem.signal(sample_rate), sample_rate, folder) as decoded_stem,
    ):
        yield SplitSong(decoded, decoded_stem, stem.role, sample_rate)


def _ceiling(dials: Dials, vocals_level: float) -> float:
    """Ceiling of the limiter: none for the source itself."""
    return CEILING if dials.strength > 0 or vocals_level else math.inf


def _with_progress(
    segments: Iterator[np.ndarray], song: SongMeasurement, name: str, sample_rate: int
) -> Iterator[np.ndarray]:
    """Segments of a song, with a progress bar in seconds."""
    done = 0
    with console.progress(math.ceil(song.samples / sample_rate), name, unit="s") as bar:
        for segment in segments:
            yield segment
            done += len(segment)
            bar.update(math.ceil(done / sample_rate) - bar.n)


def _temporary_file(target: Path) -> IO[bytes]:
    """Unnamed file in the target's folder, on the disk that has room for the target; vanishes with a kill."""
    return tempfile.TemporaryFile(dir=target.parent)


def _clock(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d}"
