"""Tables of a dataset report for the terminal: domains, songs, advice, training times."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from pipelines.data import domain_folders
from pipelines.data.schema import DOMAINS
from pipelines.data.survey.advice import Advice
from pipelines.data.survey.descriptors import CLIPPED, DESCRIPTORS, TUNING, Descriptor
from pipelines.data.survey.exclusion import sound_minutes, sung_minutes, usable_songs
from pipelines.data.survey.survey import DatasetReport, MeasuredSong
from pipelines.data.survey.training_cost import TrainingCost

_LISTED = 40
"""Largest number of listed songs per domain; the JSON file and the page have all."""
_NAME = 34
_SONG = "{:<34} {:>6} {:<14} {:>5} {:>5} {:>6} {:>4} {:>5} {:>10} {:>5} {:>7} {:>8}"
_HEADINGS = (
    "song",
    "min",
    "format",
    "kHz",
    "ends",
    "LUFS",
    "BPM",
    "cents",
    "channels",
    "voice",
    "silence",
    "clipped",
)


def domains(report: DatasetReport) -> str:
    """Table of both domains: counts, then medians and ranges of the descriptors."""
    rows = [("", *DOMAINS), *_counts(report)]
    for descriptor in DESCRIPTORS:
        rows.append(
            (descriptor.heading, *(spread(descriptor, report.songs_of(domain)) for domain in DOMAINS))
        )
    return "\n".join(f"{name:<22} {content:>30} {band:>30}" for name, content, band in rows)


def spread(descriptor: Descriptor, songs: Sequence[MeasuredSong]) -> str:
    """Median and range of a descriptor over songs, such as "16.0 (15.8 to 20.1)"."""
    values = descriptor.values(songs)
    if not len(values):
        return "-"
    ends = " to ".join(descriptor.text(float(end)) for end in (values.min(), values.max()))
    return f"{descriptor.text(float(np.median(values)))} ({ends})"


def counted(values: Sequence[str]) -> str:
    """Counts of the values, most frequent first, such as "12 MP3, 3 FLAC 16 bit"."""
    return ", ".join(f"{count} {value}" for value, count in Counter(values).most_common())


def _counts(report: DatasetReport) -> Iterator[tuple[str, ...]]:
    sides = [report.songs_of(domain) for domain in DOMAINS]
    yield ("Songs", *(str(len(side)) for side in sides))
    yield ("Unreadable files", *(str(len(report.unusable[domain])) for domain in DOMAINS))
    other = [sum(map(len, report.found[domain].ignored.values())) for domain in DOMAINS]
    yield ("Other files", *map(str, other))
    yield ("Minutes", *(f"{sum(song.facts.seconds for song in side) / 60:.1f}" for side in sides))
    good = [usable_songs(report, domain) for domain in DOMAINS]
    yield ("Usable minutes", *(f"{sound_minutes(songs):.1f}" for songs in good))
    yield ("  probably sung", *(f"{sung_minutes(songs):.1f}" for songs in good))
    yield ("Formats", *(counted([song.facts.codec for song in side]) for side in sides))
    yield ("Channels", *(counted([song.facts.image for song in side]) for side in sides))
    yield ("Clipped songs", *(str(sum(song.facts.clipping > CLIPPED for song in side)) for side in sides))


def songs(report: DatasetReport) -> str:
    """Table of songs, at most `_LISTED` of each domain."""
    lines = []
    for domain in DOMAINS:
        found = report.songs_of(domain)
        lines += ["", _SONG.format(domain, *_HEADINGS[1:]), *(_line(song) for song in found[:_LISTED])]
        if len(found) > _LISTED:
            lines.append(f"... and {len(found) - _LISTED} more: --json and --html have all")
    return "\n".join(lines[1:])


def _line(song: MeasuredSong) -> str:
    facts = song.facts
    return _SONG.format(
        _short(song.name),
        f"{facts.seconds / 60:.1f}",
        facts.codec,
        f"{facts.sample_rate / 1000:.1f}",
        f"{facts.bandwidth / 1000:.1f}",
        "-" if facts.loudness is None else f"{facts.loudness:.1f}",
        "-" if facts.tempo is None else f"{facts.tempo:.0f}",
        TUNING.text(facts.tuning),
        facts.image,
        f"{facts.voice:.0%}",
        f"{facts.silence:.0%}",
        f"{facts.clipping:.2%}",
    )


def _short(name: str) -> str:
    """End of a long name, which is more informative than its folders."""
    return name if len(name) <= _NAME else f"…{name[1 - _NAME :]}"


def ignored_files(report: DatasetReport) -> str:
    """Files that are not songs, a line for each domain; empty if there are none."""
    return "\n".join(domain_folders.ignored_files(report.found))


def duplicates(report: DatasetReport) -> str:
    """Pairs of duplicates, a line each; empty if there are none."""
    lines = [
        f"{pair.first.label} = {pair.second.label} "
        f"({pair.share:.0%} of the shorter one's landmarks, {pair.offset:+.1f} s)"
        for pair in report.duplicates
    ]
    return "\n".join(["The same recording:", *(f"  {line}" for line in lines)]) if lines else ""


def advice(found: Advice) -> str:
    """Advice as headings with sentences."""
    blocks = [[title, *(f"  - {each}" for each in sentences)] for title, sentences in found.sections]
    return "\n".join("\n".join(block) for block in blocks)


def training(costs: Sequence[TrainingCost]) -> str:
    """Table of the presets: minutes of audio, passes over the band's songs, and training time.

    The time is that on this machine where it was measured, else that of the machine that the preset names.
    """
    measured = any(each.here is not None for each in costs)
    how = "measured here" if measured else "as measured for each preset; --try_presets measures some steps"
    head = f"Training time ({how}; this machine has {os.cpu_count()} cores)"
    width = max(len(each.preset) for each in costs)
    lines = [
        f"  {each.preset:<{width}}  processes {each.minutes_processed:,.0f} min of audio, the band's songs "
        f"{times(each.passes)}; {each.duration}"
        for each in costs
    ]
    return "\n".join([head, *lines])


def times(passes: float) -> str:
    """Text of a number of passes, such as "2.6 times"."""
    return f"{passes:,.1f} times" if passes < 10 else f"{passes:,.0f} times"
