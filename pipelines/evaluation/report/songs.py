"""Song sections of the report: audio and spectrograms of source, translations and truth."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from pipelines import console
from pipelines.errors import UserError
from pipelines.evaluation.formatting import with_unit
from pipelines.evaluation.report import excerpts
from pipelines.evaluation.results import Column, EvaluatedSong, Evaluation
from pipelines.html.nodes import data_uri, is_number, node, serialise

_LEFT, _TOP, _WIDTH, _HEIGHT, _BELOW = 34, 6, 260, 128, 20
"""Position and size of a spectrogram in its drawing, and the height of the time axis, pixels."""

_KILOHERTZ = (0.5, 1, 2, 4, 8, 16)

_EQUAL = 1e-4
"""Two excerpts are equal if no sample differs by more."""


@dataclasses.dataclass(frozen=True)
class _Excerpt:
    """Excerpt of one recording of a song, or the reason why there is none.

    Attributes:
        title: name of the method, "source" or "truth".
        kind: kind of the method, "source" or "truth".
        note: numbers of the song, or the reason.
        samples: float32 [samples]; None if there is no audio.
    """

    title: str
    kind: str
    note: str
    samples: np.ndarray | None = None


def song_sections(
    evaluation: Evaluation, folder: Path, columns: Sequence[Column], budget: int
) -> list[Element]:
    """Sections of as many songs as fit, spread evenly over all songs, in their order.

    Args:
        evaluation: the result.
        folder: folder to which the audio paths are relative.
        columns: columns whose values are shown with each excerpt.
        budget: bytes of HTML for all songs.
    """
    sections: dict[int, Element] = {}
    for index in console.progress(_spread(len(evaluation.songs)), "report", unit="song"):
        section = _section(evaluation, evaluation.songs[index], folder, columns)
        budget -= len(serialise(section).encode("utf-8", "replace"))
        if budget < 0:
            break
        sections[index] = section
    ordered = [sections[index] for index in sorted(sections)]
    if ordered:
        ordered[0].set("open", "")
    return ordered


def colour_bar() -> Element:
    """Colour scale that all spectrograms share, with the levels at its ends."""
    stops = ", ".join(f"rgb({r} {g} {b})" for r, g, b in excerpts.palette()[::7])
    quiet, loud = f"\N{MINUS SIGN}{excerpts.RANGE_DB:g} dB", "0 dB: the maximum over the song's excerpts"
    bar = node("span", class_="ramp", style=f"background: linear-gradient(to right, {stops})")
    return node("p", quiet, bar, loud, class_="muted ramps")


def _spread(count: int) -> list[int]:
    """All indices in an order of which every prefix is spread evenly (golden-ratio sequence)."""
    steps = (np.arange(count) * (np.sqrt(5) - 1) / 2) % 1
    return [int(index) for index in np.argsort(np.argsort(steps))]


def _section(evaluation: Evaluation, song: EvaluatedSong, folder: Path, columns: Sequence[Column]) -> Element:
    start = max(0.0, (song.seconds - excerpts.SECONDS) / 2)
    shown = _merge_copy_of_source(list(_excerpts(evaluation, song, folder, columns, start)))
    levels = [
        None if each.samples is None else excerpts.decibels(each.samples, evaluation.sample_rate)
        for each in shown
    ]
    top = max((float(level.max()) for level in levels if level is not None), default=0.0)
    figures = [
        _figure(evaluation, song, each, None if level is None else excerpts.png(level, top), start)
        for each, level in zip(shown, levels, strict=True)
    ]
    end = min(song.seconds, start + excerpts.SECONDS)
    where = node("span", f" {start:.0f} to {end:.0f} s of {song.seconds:.0f} s", class_="muted")
    summary = node("summary", node("span", song.name, class_="name"), where)
    return node("details", summary, node("div", *figures, class_="excerpts"), class_="song")


def _excerpts(
    evaluation: Evaluation, song: EvaluatedSong, folder: Path, columns: Sequence[Column], start: float
) -> Iterator[_Excerpt]:
    """Excerpts of the source, of every method and of the truth."""
    rate = evaluation.sample_rate
    yield _load(_Excerpt("source", "source", ""), folder, song.source, rate, start)
    for row in evaluation.rows:
        values = row.songs.get(song.name, {})
        excerpt = _Excerpt(row.method.name, row.method.kind, _numbers(values, columns))
        yield _load(excerpt, folder, row.audio.get(song.name), rate, start)
    if song.truth:
        yield _load(_Excerpt("truth", "truth", ""), folder, song.truth, rate, start)


def _load(excerpt: _Excerpt, folder: Path, path: str | None, sample_rate: int, start: float) -> _Excerpt:
    """Excerpt with its samples, or with a note if there is no file or it cannot be read."""
    if path is None:
        return dataclasses.replace(excerpt, note="This song was not translated.")
    try:
        return dataclasses.replace(excerpt, samples=excerpts.excerpt(folder / path, sample_rate, start))
    except UserError as error:
        return dataclasses.replace(excerpt, note=f"No audio: {error}.")


def _merge_copy_of_source(found: list[_Excerpt]) -> list[_Excerpt]:
    """Excerpts in which those that equal the source are merged with it."""
    source, *others = found
    different = []
    for excerpt in others:
        if _are_equal(source.samples, excerpt.samples):
            title = f"{source.title} = {excerpt.title}"
            source = dataclasses.replace(source, title=title, note=excerpt.note)
        else:
            different.append(excerpt)
    return [source, *different]


def _are_equal(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    if one is None or other is None or one.shape != other.shape:
        return False
    return bool(np.allclose(one, other, rtol=0, atol=_EQUAL))


def _numbers(values: Mapping[str, float], columns: Sequence[Column]) -> str:
    known = [(column, values.get(column.key)) for column in columns]
    return " · ".join(f"{c.name} {with_unit(v, c)}" for c, v in known if v is not None and is_number(v))


def _figure(
    evaluation: Evaluation, song: EvaluatedSong, excerpt: _Excerpt, png: bytes | None, start: float
) -> Element:
    caption = node("figcaption", node("strong", excerpt.title))
    note = node("p", excerpt.note, class_="muted")
    if excerpt.samples is None or png is None:
        return node("figure", caption, note, class_=f"excerpt {excerpt.kind} silent")
    name = f"{song.name}, {excerpt.title}"
    source = data_uri("audio/ogg", excerpts.vorbis(excerpt.samples, evaluation.sample_rate))
    player = node("audio", src=source, controls="", preload="none", aria_label=name)
    seconds = len(excerpt.samples) / evaluation.sample_rate
    spectrogram = _spectrogram(png, f"Spectrogram of {name}", evaluation.sample_rate, start, seconds)
    return node("figure", caption, spectrogram, player, note, class_=f"excerpt {excerpt.kind}")


def _spectrogram(png: bytes, name: str, sample_rate: int, start: float, seconds: float) -> Element:
    """Image of a spectrogram with axes, which are SVG and follow the page's colours."""
    label = f"{name}: 0 to {sample_rate / 2000:g} kHz, {start:.0f} to {start + seconds:.0f} s"
    place = {"x": _LEFT, "y": _TOP, "width": _WIDTH, "height": _HEIGHT}
    uri = data_uri("image/png", png)
    image = node("image", href=uri, preserveAspectRatio="none", **place)
    playhead = node("line", x1=_LEFT, x2=_LEFT, y1=_TOP, y2=_TOP + _HEIGHT, class_="playhead")
    box = f"0 0 {_LEFT + _WIDTH + 6} {_TOP + _HEIGHT + _BELOW}"
    axes = (*_frequency_axis(sample_rate), *_time_axis(start, seconds))
    attributes = {"role": "img", "aria_label": label, "data_left": str(_LEFT), "data_width": str(_WIDTH)}
    return node("svg", image, *axes, playhead, class_="spectrogram", viewBox=box, **attributes)


def _frequency_axis(sample_rate: int) -> Iterator[Element]:
    for kilohertz in _KILOHERTZ:
        share = excerpts.height_of(1000 * kilohertz, sample_rate)
        if share < 1:
            y = _TOP + _HEIGHT * (1 - share)
            yield node("line", x1=_LEFT - 4, x2=_LEFT, y1=y, y2=y, class_="notch")
            yield node("text", f"{kilohertz:g}", x=_LEFT - 6, y=y + 3.5, class_="tick end")
    rotated = f"translate(9 {_TOP + _HEIGHT / 2:g}) rotate(-90)"
    yield node("text", "kHz", transform=rotated, class_="tick middle")


def _time_axis(start: float, seconds: float) -> Iterator[Element]:
    bottom = _TOP + _HEIGHT
    first = 2 * int(np.ceil(start / 2))
    for second in range(first, int(start + seconds) + 1, 2):
        x = _LEFT + _WIDTH * (second - start) / seconds
        yield node("line", x1=x, x2=x, y1=bottom, y2=bottom + 4, class_="notch")
        yield node("text", f"{second} s", x=x, y=bottom + 14, class_="tick middle")
