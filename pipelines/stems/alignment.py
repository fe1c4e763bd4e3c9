"""Alignment of a stem with the song that contains it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from pipelines.audio.downmix import to_mono
from pipelines.audio.song_measurement import SongMeasurement, measure_blocks
from pipelines.audio.streams import Signal, block_size, block_spans, overlapping_segments
from pipelines.errors import UserError
from pipelines.stems.correlation import Projection, find_offset, project

MAX_SECONDS = 1.0
"""Largest offset and largest difference of the lengths of a stem and its song."""
MIN_SHARE = 0.001
"""Smallest share of a song, in the band of `correlation.project`, that its stem explains.

Of 32 real songs of two minutes, others explained 0.01 % at most (160 pairs); stems 15 dB below the rest of
the mix explained 1.1 % at least, and stems 25 dB below it 0.09 to 0.3 %.
"""
_CHANCE_SECONDS = 0.1
"""Smallest share times the length of a short song: by chance, others explained 0.41 % of 10 s and 0.21 % of
30 s at most (270 and 300 pairs)."""
_SEARCHED_SECONDS = 5.0
"""Offset up to which an error names it."""


@dataclasses.dataclass(frozen=True)
class Alignment:
    """Position, gains and share of a stem in its song.

    Attributes:
        offset: samples by which the stem is later in its file than in the song.
        seconds: the same in seconds.
        projection: of the song on the aligned stem.
    """

    offset: int
    seconds: float
    projection: Projection

    def __str__(self) -> str:
        gain = 20 * np.log10(np.maximum(np.abs(self.projection.gains).mean(), 1e-9))
        decibels = round(float(gain), 1) + 0.0  # no -0.0
        share = self.projection.share
        return f"stem shifted by {0 - self.seconds:+.4f} s and {decibels:+.1f} dB, {share:.1%} of the song"


def aligned(
    stem: Iterator[np.ndarray], offset: int, song: SongMeasurement, sample_rate: int
) -> Iterator[np.ndarray]:
    """Blocks of a stem that are simultaneous with those of its song.

    Args:
        stem: float32 [samples, channels], of any length.
        offset: see `Alignment`.
        song: measurement of the song.
        sample_rate: Hz.

    Yields:
        float32 [samples, channels], with zeros where the stem has no samples; stereo is mixed to mono for a
        mono song.
    """
    before = max(-offset, 0)
    spans = block_spans(song.samples, block_size(sample_rate), start=max(offset, 0))
    for segment in overlapping_segments(stem, spans, before):
        yield to_mono(segment)[:, None] if song.channels == 1 else segment


def require_aligned(song: Signal, measured: SongMeasurement, stem: Signal, sample_rate: int) -> Alignment:
    """The alignment of a stem.

    Args:
        song: the song.
        measured: the song's measurement.
        stem: mono or stereo.
        sample_rate: of both, Hz.

    Raises:
        UserError: if song or stem are silent, or the stem does not belong to the song, or is too early, late,
            short or long.
    """
    if measured.loudness == -np.inf:
        raise UserError(
            f"{song.name} is silent (below -70 LUFS), so that no stem fits it: translate it without"
        )
    stem_measured = measure_blocks(stem.stream(), sample_rate)
    if stem_measured.loudness == -np.inf:
        raise UserError(f"{stem.name} is silent (below -70 LUFS): export it again")
    offset = find_offset(
        song.stream(),
        stem.stream(),
        samples=measured.samples,
        sample_rate=sample_rate,
        max_lag=round(_SEARCHED_SECONDS * sample_rate),
        size=block_size(sample_rate),
    )
    stem_blocks = aligned(stem.stream(), offset, measured, sample_rate)
    alignment = Alignment(offset, offset / sample_rate, project(song.stream(), stem_blocks, sample_rate))
    share, required = alignment.projection.share, _min_share(measured.samples / sample_rate)
    if share < required:
        raise UserError(
            f"{stem.name} is no part of {song.name} (it explains {share:.2%} of it, a stem at least "
            f"{required:.1%}): name a stem of the same recording, which starts within a second of it"
        )
    if abs(alignment.seconds) > MAX_SECONDS:
        order = "later" if offset > 0 else "earlier"
        raise UserError(
            f"{stem.name} has everything {abs(alignment.seconds):.2f} s {order} than {song.name}: shift it "
            f"to within {MAX_SECONDS:g} s"
        )
    longer = (stem_measured.samples - measured.samples) / sample_rate
    if abs(longer) > MAX_SECONDS:
        raise UserError(
            f"{stem.name} is {abs(longer):.2f} s {'longer' if longer > 0 else 'shorter'} than {song.name}: "
            f"export it with the song's length, to within {MAX_SECONDS:g} s"
        )
    return alignment


def _min_share(seconds: float) -> float:
    """Smallest share of a song of some length that a stem explains."""
    return max(MIN_SHARE, min(_CHANCE_SECONDS / seconds, 0.5))
