"""Plots of the page as SVG in the colours of its style sheet: a strip per descriptor, and the spectra."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

import numpy as np

from pipelines.data.schema import DOMAINS
from pipelines.data.survey.bandwidth import CENTRES
from pipelines.data.survey.descriptors import Descriptor
from pipelines.data.survey.survey import DatasetReport, MeasuredSong
from pipelines.data.survey.tables import spread
from pipelines.html.axes import LinearAxis, horizontal_line, tick_label, vertical_line, vertical_title
from pipelines.html.nodes import node

CLASSES = {"content": "baseline", "band": "model"}
"""Classes of the style sheet that give each domain its colour."""

_WIDTH, _LEFT, _RIGHT = 560.0, 58.0, 14.0
_ROWS = {"content": 26.0, "band": 66.0}
_STRIP_BOTTOM, _STRIP_HEIGHT, _JITTER = 88.0, 124.0, 9.0
_TOP, _BOTTOM, _HEIGHT = 10.0, 270.0, 310.0
_TICKS = (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
_MARGIN = 0.04


def _fit_axis(values: np.ndarray, start: float, end: float) -> LinearAxis:
    """Axis that includes all values with a margin."""
    low, high = float(values.min()), float(values.max())
    margin = _MARGIN * (high - low) or max(abs(high) * _MARGIN, 1e-3)
    return LinearAxis(low - margin, high + margin, start, end)


def strip(report: DatasetReport, descriptor: Descriptor) -> Element | None:
    """Strip plot: songs as dots on the line of their domain, medians as bars; None without any value."""
    values = descriptor.values(report.songs)
    if not len(values):
        return None
    axis = _fit_axis(values, _LEFT + 8, _WIDTH - _RIGHT)
    parts = [*_value_axis(axis, descriptor)]
    for domain in DOMAINS:
        parts += _row(report.songs_of(domain), domain, descriptor, axis)
    words = "; ".join(f"{domain} {spread(descriptor, report.songs_of(domain))}" for domain in DOMAINS)
    label = f"{descriptor.heading}, median and range: {words}. {descriptor.explanation}"
    box = f"0 0 {_WIDTH:g} {_STRIP_HEIGHT:g}"
    return node("svg", *parts, class_="chart", viewBox=box, role="img", aria_label=label)


def _value_axis(axis: LinearAxis, descriptor: Descriptor) -> Iterator[Element]:
    for tick in axis.ticks(7):
        yield from vertical_line(axis(tick), _TOP, _STRIP_BOTTOM, tick_label(tick), gap=14)
    yield node("text", descriptor.heading, x=(_LEFT + _WIDTH) / 2, y=_STRIP_HEIGHT - 4, class_="title middle")


def _row(
    songs: Sequence[MeasuredSong], domain: str, descriptor: Descriptor, axis: LinearAxis
) -> Iterator[Element]:
    y, kind = _ROWS[domain], CLASSES[domain]
    yield node("text", domain, x=_LEFT - 4, y=y + 4, class_="tick end")
    # A fixed seed: the page is the same for the same data.
    heights = np.random.default_rng(0).uniform(-_JITTER, _JITTER, len(songs))
    for song, height in zip(songs, heights, strict=True):
        value = descriptor.value(song.facts)
        if value is not None:
            name = node("title", f"{song.name}: {descriptor.text(value)} {descriptor.unit}")
            dot = node("circle", cx=axis(value), cy=y + float(height), r=3.6, class_=f"mark {kind}")
            yield node("g", name, dot)
    values = descriptor.values(songs)
    if len(values):
        x = axis(float(np.median(values)))
        yield node("line", x1=x, x2=x, y1=y - 15, y2=y + 15, class_=f"median {kind}")


def spectra(report: DatasetReport) -> Element:
    """Long-term spectra: the median of each domain as a line, the middle 80 % of its songs as an area."""
    curves = {domain: _quantiles(report.songs_of(domain)) for domain in DOMAINS}
    levels = np.concatenate([each[np.isfinite(each)] for each in curves.values()])
    upwards = _fit_axis(levels if len(levels) else np.array([-1.0, 1.0]), _BOTTOM, _TOP)
    logs = np.log10(CENTRES)
    across = LinearAxis(float(logs[0]), float(logs[-1]), _LEFT, _WIDTH - _RIGHT)
    parts = [*_frame(across, upwards)]
    for domain, quantiles in curves.items():
        parts += _curve(quantiles, CLASSES[domain], across, upwards)
    label = "Median long-term spectra of the songs of both domains"
    box = f"0 0 {_WIDTH:g} {_HEIGHT:g}"
    return node("svg", *parts, class_="chart", viewBox=box, role="img", aria_label=label)


def _quantiles(songs: Sequence[MeasuredSong]) -> np.ndarray:
    """10th, 50th and 90th percentile over songs, float [3, 64]; NaN where no song has a level."""
    curves = np.array([song.curve for song in songs] or [np.full(len(CENTRES), np.nan)], np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy warns about columns of NaN, which stay NaN
        return np.nanpercentile(curves, (10, 50, 90), axis=0)


def _frame(across: LinearAxis, upwards: LinearAxis) -> Iterator[Element]:
    for hertz in _TICKS:
        label = f"{hertz / 1000:g}k" if hertz >= 1000 else str(hertz)
        yield from vertical_line(across(float(np.log10(hertz))), _TOP, _BOTTOM, label, gap=16)
    for tick in upwards.ticks(6):
        yield from horizontal_line(upwards(tick), _LEFT, _WIDTH - _RIGHT, tick_label(tick))
    yield node("text", "Frequency, Hz", x=(_LEFT + _WIDTH) / 2, y=_HEIGHT - 4, class_="title middle")
    yield vertical_title("Level, dB", _TOP, _BOTTOM)


def _curve(quantiles: np.ndarray, kind: str, across: LinearAxis, upwards: LinearAxis) -> Iterator[Element]:
    finite = np.isfinite(quantiles[1])
    if not finite.any():
        return
    xs = [across(float(each)) for each in np.log10(CENTRES[finite])]
    low, middle, high = ([upwards(float(level)) for level in row[finite]] for row in quantiles)
    outline = [*zip(xs, low, strict=True), *list(zip(xs, high, strict=True))[::-1]]
    yield node("polygon", points=_points(outline), class_=f"spread-area {kind}")
    yield node("polyline", points=_points(zip(xs, middle, strict=True)), class_=f"curve {kind}")


def _points(pairs: Iterator[tuple[float, float]] | Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)
