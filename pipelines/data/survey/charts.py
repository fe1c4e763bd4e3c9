"""The page's plots, drawn as SVG whose colours are the page's: a strip for each trait, and the spectra."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

import numpy as np
from matplotlib.ticker import MaxNLocator

from pipelines.data.schema import DOMAINS
from pipelines.data.survey.bandwidth import CENTRES
from pipelines.data.survey.survey import Song, Survey
from pipelines.data.survey.tables import spread
from pipelines.data.survey.traits import Trait
from pipelines.html.nodes import node

CLASSES = {"content": "baseline", "band": "model"}
"""Colours of the report's style sheet."""

_WIDTH, _LEFT, _RIGHT = 560.0, 58.0, 14.0
_ROWS = {"content": 26.0, "band": 66.0}
_STRIP_BOTTOM, _STRIP_HEIGHT, _JITTER = 88.0, 124.0, 9.0
_TOP, _BOTTOM, _HEIGHT = 10.0, 270.0, 310.0
_TICKS = (50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
_MARGIN = 0.04


@dataclasses.dataclass(frozen=True)
class _Axis:
    """Numbers to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, count: int) -> list[float]:
        """Round numbers inside."""
        steps = MaxNLocator(count, steps=[1, 2, 5, 10]).tick_values(self.low, self.high)
        return [float(tick) for tick in steps if self.low <= tick <= self.high]


def _fitted(values: np.ndarray, start: float, end: float) -> _Axis:
    low, high = float(values.min()), float(values.max())
    margin = _MARGIN * (high - low) or max(abs(high) * _MARGIN, 1e-3)
    return _Axis(low - margin, high + margin, start, end)


def strip(survey: Survey, trait: Trait) -> Element | None:
    """Every song as a dot on its domain's line, the medians as bars; None where no song has the number."""
    values = trait.of(survey.songs)
    if not len(values):
        return None
    axis = _fitted(values, _LEFT + 8, _WIDTH - _RIGHT)
    parts = [*_ruler(axis, trait)]
    for domain in DOMAINS:
        parts += _row(survey.of(domain), domain, trait, axis)
    words = "; ".join(f"{domain} {spread(trait, survey.of(domain))}" for domain in DOMAINS)
    label = f"{trait.heading}, median and range: {words}. {trait.explanation}"
    box = f"0 0 {_WIDTH:g} {_STRIP_HEIGHT:g}"
    return node("svg", *parts, class_="chart", viewBox=box, role="img", aria_label=label)


def _ruler(axis: _Axis, trait: Trait) -> Iterator[Element]:
    for tick in axis.ticks(7):
        x = axis(tick)
        yield node("line", x1=x, x2=x, y1=_TOP, y2=_STRIP_BOTTOM, class_="grid")
        yield node("text", _number(tick), x=x, y=_STRIP_BOTTOM + 14, class_="tick middle")
    yield node("text", trait.heading, x=(_LEFT + _WIDTH) / 2, y=_STRIP_HEIGHT - 4, class_="title middle")


def _row(songs: Sequence[Song], domain: str, trait: Trait, axis: _Axis) -> Iterator[Element]:
    y, kind = _ROWS[domain], CLASSES[domain]
    yield node("text", domain, x=_LEFT - 4, y=y + 4, class_="tick end")
    # The same heights at every call, so that the page does not change by itself.
    heights = np.random.default_rng(0).uniform(-_JITTER, _JITTER, len(songs))
    for song, height in zip(songs, heights, strict=True):
        value = trait.value(song.facts)
        if value is not None:
            name = node("title", f"{song.name}: {trait.text(value)} {trait.unit}")
            dot = node("circle", cx=axis(value), cy=y + float(height), r=3.6, class_=f"mark {kind}")
            yield node("g", name, dot)
    values = trait.of(songs)
    if len(values):
        x = axis(float(np.median(values)))
        yield node("line", x1=x, x2=x, y1=y - 15, y2=y + 15, class_=f"median {kind}")


def spectra(survey: Survey) -> Element:
    """Long-term spectra: each domain's median as a line, the middle eight tenths of its songs as an area."""
    curves = {domain: _quantiles(survey.of(domain)) for domain in DOMAINS}
    levels = np.concatenate([each[np.isfinite(each)] for each in curves.values()])
    upwards = _fitted(levels if len(levels) else np.array([-1.0, 1.0]), _BOTTOM, _TOP)
    logs = np.log10(CENTRES)
    across = _Axis(float(logs[0]), float(logs[-1]), _LEFT, _WIDTH - _RIGHT)
    parts = [*_frame(across, upwards)]
    for domain, quantiles in curves.items():
        parts += _curve(quantiles, CLASSES[domain], across, upwards)
    label = "Mean spectra of the songs of both domains: where one is higher, it is brighter or darker"
    box = f"0 0 {_WIDTH:g} {_HEIGHT:g}"
    return node("svg", *parts, class_="chart", viewBox=box, role="img", aria_label=label)


def _quantiles(songs: Sequence[Song]) -> np.ndarray:
    """Tenth, middle and ninetieth percentile over songs, float [3, 64]; NaN where no song has a level."""
    curves = np.array([song.curve for song in songs] or [np.full(len(CENTRES), np.nan)], np.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy warns of columns without a number, which stay NaN
        return np.nanpercentile(curves, (10, 50, 90), axis=0)


def _frame(across: _Axis, upwards: _Axis) -> Iterator[Element]:
    for hertz in _TICKS:
        x = across(float(np.log10(hertz)))
        yield node("line", x1=x, x2=x, y1=_TOP, y2=_BOTTOM, class_="grid")
        yield node(
            "text",
            f"{hertz / 1000:g}k" if hertz >= 1000 else str(hertz),
            x=x,
            y=_BOTTOM + 16,
            class_="tick middle",
        )
    for tick in upwards.ticks(6):
        y = upwards(tick)
        yield node("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="grid")
        yield node("text", _number(tick), x=_LEFT - 7, y=y + 4, class_="tick end")
    yield node("text", "Frequency, Hz", x=(_LEFT + _WIDTH) / 2, y=_HEIGHT - 4, class_="title middle")
    turned = f"translate(14 {(_TOP + _BOTTOM) / 2:g}) rotate(-90)"
    yield node("text", "Level, dB", transform=turned, class_="title middle")


def _curve(quantiles: np.ndarray, kind: str, across: _Axis, upwards: _Axis) -> Iterator[Element]:
    heard = np.isfinite(quantiles[1])
    if not heard.any():
        return
    xs = [across(float(each)) for each in np.log10(CENTRES[heard])]
    low, middle, high = ([upwards(float(level)) for level in row[heard]] for row in quantiles)
    outline = [*zip(xs, low, strict=True), *list(zip(xs, high, strict=True))[::-1]]
    yield node("polygon", points=_points(outline), class_=f"spread-area {kind}")
    yield node("polyline", points=_points(zip(xs, middle, strict=True)), class_=f"curve {kind}")


def _points(pairs: Iterator[tuple[float, float]] | Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


def _number(tick: float) -> str:
    """Ticks next to zero are zero: steps of a tenth do not add up to it exactly."""
    return f"{tick:g}".replace("-", "\N{MINUS SIGN}") if abs(tick) > 1e-12 else "0"
