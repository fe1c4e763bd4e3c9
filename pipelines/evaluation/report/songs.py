"""The songs of the report: for each, every sound to hear and to see, on one scale."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from pipelines import console
from pipelines.errors import UserError
from pipelines.evaluation.report import sounds
from pipelines.evaluation.report.numbers import with_unit
from pipelines.evaluation.results import Column, Evaluation, Song
from pipelines.html.nodes import data_uri, is_number, node, serialise

# Of a spectrogram's drawing, pixels.
_LEFT, _TOP, _WIDTH, _HEIGHT, _BELOW = 34, 6, 260, 128, 20
_KILOHERTZ = (0.5, 1, 2, 4, 8, 16)
# Two sounds are one if no sample differs by more.
_SAME = 1e-4


@dataclasses.dataclass
class _Take:
    """One sound of a song, or why there is none.

    Attributes:
        title: who plays.
        kind: of the method; "source" or "truth" otherwise.
        note: its numbers, or the reason.
        samples: float32 [samples].
    """

    title: str
    kind: str
    note: str
    samples: np.ndarray | None = None


def song_sections(
    evaluation: Evaluation, folder: Path, columns: Sequence[Column], budget: int
) -> list[Element]:
    """As many songs as fit, spread over all of them, in their order.

    Args:
        evaluation: the result.
        folder: to which its sounds' paths are relative.
        columns: whose numbers stand below a sound.
        budget: bytes of HTML for all songs.
    """
    made: dict[int, Element] = {}
    for index in console.progress(_spread(len(evaluation.songs)), "report", unit="song"):
        section = _section(evaluation, evaluation.songs[index], folder, columns)
        budget -= len(serialise(section).encode("utf-8", "replace"))
        if budget < 0:
            break
        made[index] = section
    chosen = [made[index] for index in sorted(made)]
    if chosen:
        chosen[0].set("open", "")
    return chosen


def colour_bar() -> Element:
    """Colour scale that all spectrograms share, with the levels at its ends."""
    stops = ", ".join(f"rgb({r} {g} {b})" for r, g, b in sounds.palette()[::7])
    quiet, loud = f"\N{MINUS SIGN}{sounds.RANGE_DB:g} dB", "0 dB: the loudest of the song's excerpts"
    bar = node("span", class_="ramp", style=f"background: linear-gradient(to right, {stops})")
    return node("p", quiet, bar, loud, class_="muted ramps")


def _spread(count: int) -> list[int]:
    """All songs, in an order whose every beginning is spread over the whole."""
    steps = (np.arange(count) * (np.sqrt(5) - 1) / 2) % 1
    return [int(index) for index in np.argsort(np.argsort(steps))]


def _section(evaluation: Evaluation, song: Song, folder: Path, columns: Sequence[Column]) -> Element:
    start = max(0.0, (song.seconds - sounds.SECONDS) / 2)
    takes = _merged(list(_takes(evaluation, song, folder, columns, start)))
    levels = [
        None if take.samples is None else sounds.decibels(take.samples, evaluation.sample_rate)
        for take in takes
    ]
    top = max((float(level.max()) for level in levels if level is not None), default=0.0)
    figures = [
        _figure(evaluation, song, take, None if level is None else sounds.png(level, top), start)
        for take, level in zip(takes, levels, strict=True)
    ]
    end = min(song.seconds, start + sounds.SECONDS)
    where = node("span", f" {start:.0f} to {end:.0f} s of {song.seconds:.0f} s", class_="muted")
    summary = node("summary", node("span", song.name, class_="name"), where)
    return node("details", summary, node("div", *figures, class_="takes"), class_="song")


def _takes(
    evaluation: Evaluation, song: Song, folder: Path, columns: Sequence[Column], start: float
) -> Iterator[_Take]:
    """Source, every method, truth."""
    rate = evaluation.sample_rate
    yield _loaded(_Take("source", "source", ""), folder, song.source, rate, start)
    for row in evaluation.rows:
        values = row.songs.get(song.name, {})
        take = _Take(row.method.name, row.method.kind, _numbers(values, columns))
        yield _loaded(take, folder, row.audio.get(song.name), rate, start)
    if song.truth:
        yield _loaded(_Take("truth", "truth", ""), folder, song.truth, rate, start)


def _loaded(take: _Take, folder: Path, path: str | None, sample_rate: int, start: float) -> _Take:
    """With its samples; what cannot be read is left out, not the report."""
    if path is None:
        return dataclasses.replace(take, note="This song was not played.")
    try:
        return dataclasses.replace(take, samples=sounds.excerpt(folder / path, sample_rate, start))
    except UserError as error:
        return dataclasses.replace(take, note=f"No sound: {error}.")


def _merged(takes: list[_Take]) -> list[_Take]:
    """A copy of the source is not shown twice."""
    source, *others = takes
    kept = []
    for take in others:
        if _are_same(source.samples, take.samples):
            source = dataclasses.replace(source, title=f"{source.title} = {take.title}", note=take.note)
        else:
            kept.append(take)
    return [source, *kept]


def _are_same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    if one is None or other is None or one.shape != other.shape:
        return False
    return bool(np.allclose(one, other, rtol=0, atol=_SAME))


def _numbers(values: Mapping[str, float], columns: Sequence[Column]) -> str:
    known = [(column, values.get(column.key)) for column in columns]
    return " · ".join(f"{c.name} {with_unit(v, c)}" for c, v in known if v is not None and is_number(v))


def _figure(evaluation: Evaluation, song: Song, take: _Take, png: bytes | None, start: float) -> Element:
    caption = node("figcaption", node("strong", take.title))
    note = node("p", take.note, class_="muted")
    if take.samples is None or png is None:
        return node("figure", caption, note, class_=f"take {take.kind} silent")
    name = f"{song.name}, {take.title}"
    source = data_uri("audio/ogg", sounds.vorbis(take.samples, evaluation.sample_rate))
    player = node("audio", src=source, controls="", preload="none", aria_label=name)
    seconds = len(take.samples) / evaluation.sample_rate
    picture = _picture(png, f"Spectrogram of {name}", evaluation.sample_rate, start, seconds)
    return node("figure", caption, picture, player, note, class_=f"take {take.kind}")


def _picture(png: bytes, name: str, sample_rate: int, start: float, seconds: float) -> Element:
    """The picture with its axes, which are text: they follow the page's colours."""
    words = f"{name}: 0 to {sample_rate / 2000:g} kHz, {start:.0f} to {start + seconds:.0f} s"
    place = {"x": _LEFT, "y": _TOP, "width": _WIDTH, "height": _HEIGHT}
    uri = data_uri("image/png", png)
    image = node("image", href=uri, preserveAspectRatio="none", **place)
    head = node("line", x1=_LEFT, x2=_LEFT, y1=_TOP, y2=_TOP + _HEIGHT, class_="playhead")
    box = f"0 0 {_LEFT + _WIDTH + 6} {_TOP + _HEIGHT + _BELOW}"
    axes = (*_pitch_axis(sample_rate), *_time_axis(start, seconds))
    read = {"role": "img", "aria_label": words, "data_left": str(_LEFT), "data_width": str(_WIDTH)}
    return node("svg", image, *axes, head, class_="spectrogram", viewBox=box, **read)


def _pitch_axis(sample_rate: int) -> Iterator[Element]:
    for kilohertz in _KILOHERTZ:
        share = sounds.height_of(1000 * kilohertz, sample_rate)
        if share < 1:
            y = _TOP + _HEIGHT * (1 - share)
            yield node("line", x1=_LEFT - 4, x2=_LEFT, y1=y, y2=y, class_="notch")
            yield node("text", f"{kilohertz:g}", x=_LEFT - 6, y=y + 3.5, class_="tick end")
    turned = f"translate(9 {_TOP + _HEIGHT / 2:g}) rotate(-90)"
    yield node("text", "kHz", transform=turned, class_="tick middle")


def _time_axis(start: float, seconds: float) -> Iterator[Element]:
    bottom = _TOP + _HEIGHT
    first = 2 * int(np.ceil(start / 2))
    for second in range(first, int(start + seconds) + 1, 2):
        x = _LEFT + _WIDTH * (second - start) / seconds
        yield node("line", x1=x, x2=x, y1=bottom, y2=bottom + 4, class_="notch")
        yield node("text", f"{second} s", x=x, y=bottom + 14, class_="tick middle")
