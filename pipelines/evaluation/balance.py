"""Headline of songs without a truth: content kept, style reached, and their balance.

A copy of the source is perfect on content, a copy of the band on style; each is worthless on the other axis.
So every measure is scaled linearly between these two rows, and the headline is the harmonic mean of both
axes, which is 0 for either copy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from pipelines.evaluation.results import Column, Estimate, Row
from pipelines.evaluation.systems import COPY_BAND, COPY_SOURCE
from pipelines.metrics.bootstrap import bootstrap_interval

CONTENT_MEASURES = ("note_f1", "onset_f1", "chroma_to_source", "melody", "self_similarity")
"""Columns whose scaled mean is the content kept; none by a network that a model is trained with."""

STYLE_MEASURES = (
    "kad_musicnn",
    "fad_musicnn",
    "kad_statistics",
    "fad_statistics",
    "energy_statistics",
    "two_sample_statistics",
)
"""Columns whose scaled mean is the style reached."""

CONTENT_KEPT = Column(
    "content_kept",
    "content kept",
    "",
    True,
    "balance",
    "Mean of note F1, onset F1, chroma, melody and form against the source, as far as they are measured, "
    "each scaled from a copy of another song of the band (0) to a copy of the source (1).",
)
STYLE_REACHED = Column(
    "style_reached",
    "style reached",
    "",
    True,
    "balance",
    "Mean of the distances to the band's held-out songs and of the accuracy with which they are told from "
    "the covers, each scaled from a copy of the source (0) to a copy of other songs of the band (1).",
)
BALANCE = Column(
    "balance",
    "balance",
    "",
    True,
    "balance",
    "Harmonic mean of content kept and style reached; 0 for a copy of the source and for one of the band.",
)
COLUMNS = (CONTENT_KEPT, STYLE_REACHED, BALANCE)

Scale = tuple[float, float]
"""Values of a measure that are scaled to 0 and to 1."""


def with_balance(rows: Sequence[Row]) -> list[Row]:
    """Rows with estimates of `COLUMNS`; unchanged where a baseline or all measures of an axis are missing."""
    by_key = {row.method.key: row for row in rows}
    source, band = by_key.get(COPY_SOURCE.key), by_key.get(COPY_BAND.key)
    if source is None or band is None:
        return list(rows)
    content, style = _scales(CONTENT_MEASURES, band, source), _scales(STYLE_MEASURES, source, band)
    return [_with_balance(row, content, style) for row in rows]


def harmonic_mean(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """Harmonic mean of numbers that are not negative; 0 where one of them is 0."""
    first, second = np.asarray(first), np.asarray(second)
    total = first + second
    return 2 * first * second / np.where(total == 0, 1.0, total)


def _scales(measures: Sequence[str], worst: Row, best: Row) -> dict[str, Scale]:
    """Scales of the measures in which the two baselines differ."""
    shared = [key for key in measures if key in worst.estimates and key in best.estimates]
    ends = {key: (worst.estimates[key].mean, best.estimates[key].mean) for key in shared}
    return {key: (low, high) for key, (low, high) in ends.items() if np.isfinite(high - low) and low != high}


def _with_balance(row: Row, content: Mapping[str, Scale], style: Mapping[str, Scale]) -> Row:
    means = {key: estimate.mean for key, estimate in row.estimates.items()}
    contents, styles = _scaled(means, content), _scaled(means, style)
    if contents is None or styles is None:
        return row
    kept, reached = (float(np.clip(scaled, 0, 1).mean()) for scaled in (contents, styles))
    # Songs are not clipped: those of the copy of the band lie on both sides of 0.
    of_songs = [each.mean() for song in row.songs.values() if (each := _scaled(song, content)) is not None]
    low, high = bootstrap_interval(of_songs) if len(of_songs) > 1 else (None, None)
    added = {
        CONTENT_KEPT.key: Estimate(kept, low, high),
        STYLE_REACHED.key: Estimate(reached),
        BALANCE.key: Estimate(float(harmonic_mean(kept, reached))),
    }
    return dataclasses.replace(row, estimates={**row.estimates, **added})


def _scaled(values: Mapping[str, float], scales: Mapping[str, Scale]) -> np.ndarray | None:
    """Measures, each scaled, float64 [scales]; None unless there are scales and all measures are known."""
    if not scales or not scales.keys() <= values.keys():
        return None
    return np.array([(values[key] - low) / (high - low) for key, (low, high) in scales.items()])
