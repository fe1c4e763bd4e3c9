"""A survey in the terminal: domains, songs, advice, training times."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from pipelines.data import domain_folders
from pipelines.data.schema import DOMAINS
from pipelines.data.survey.advice import Advice
from pipelines.data.survey.amounts import minutes, sung, usable
from pipelines.data.survey.survey import Song, Survey
from pipelines.data.survey.training_cost import Training
from pipelines.data.survey.traits import CLIPPED, TRAITS, TUNING, Trait

_LISTED = 40
"""Songs of a domain that are listed; the JSON file and the page have all."""
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


def domains(survey: Survey) -> str:
    """Both domains side by side: counts, then medians and ranges over their songs."""
    rows = [("", *DOMAINS), *_counts(survey)]
    for trait in TRAITS:
        rows.append((trait.heading, *(spread(trait, survey.of(domain)) for domain in DOMAINS)))
    return "\n".join(f"{name:<22} {content:>30} {band:>30}" for name, content, band in rows)


def spread(trait: Trait, songs: Sequence[Song]) -> str:
    """Median and range of a trait, such as "16.0 (15.8 to 20.1)"."""
    values = trait.of(songs)
    if not len(values):
        return "-"
    ends = " to ".join(trait.text(float(end)) for end in (values.min(), values.max()))
    return f"{trait.text(float(np.median(values)))} ({ends})"


def counted(values: Sequence[str]) -> str:
    """Counts of the values, most frequent first, such as "12 MP3, 3 FLAC 16 bit"."""
    return ", ".join(f"{count} {value}" for value, count in Counter(values).most_common())


def _counts(survey: Survey) -> Iterator[tuple[str, ...]]:
    sides = [survey.of(domain) for domain in DOMAINS]
    yield ("Songs", *(str(len(side)) for side in sides))
    yield ("Unreadable files", *(str(len(survey.unusable[domain])) for domain in DOMAINS))
    other = [sum(map(len, survey.found[domain].passed_over.values())) for domain in DOMAINS]
    yield ("Other files", *map(str, other))
    yield ("Minutes", *(f"{sum(song.facts.seconds for song in side) / 60:.1f}" for side in sides))
    good = [usable(survey, domain) for domain in DOMAINS]
    yield ("Minutes to learn from", *(f"{minutes(songs):.1f}" for songs in good))
    yield ("  probably sung", *(f"{sung(songs):.1f}" for songs in good))
    yield ("Formats", *(counted([song.facts.codec for song in side]) for side in sides))
    yield ("Channels", *(counted([song.facts.image for song in side]) for side in sides))
    yield ("Clipped songs", *(str(sum(song.facts.clipping > CLIPPED for song in side)) for side in sides))


def songs(survey: Survey) -> str:
    """A line for every song, at most `_LISTED` of each domain."""
    lines = []
    for domain in DOMAINS:
        found = survey.of(domain)
        lines += ["", _SONG.format(domain, *_HEADINGS[1:]), *(_line(song) for song in found[:_LISTED])]
        if len(found) > _LISTED:
            lines.append(f"... and {len(found) - _LISTED} more: --json and --html have all")
    return "\n".join(lines[1:])


def _line(song: Song) -> str:
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
    """The end of a long name tells more than its folders."""
    return name if len(name) <= _NAME else f"…{name[1 - _NAME :]}"


def passed_over(survey: Survey) -> str:
    """The files that are no songs, a line for each domain; empty without."""
    return "\n".join(domain_folders.passed_over(survey.found))


def duplicates(survey: Survey) -> str:
    """The pairs that hold the same recording, a line each; empty without."""
    lines = [
        f"{pair.first.label} = {pair.second.label} "
        f"({pair.share:.0%} of the shorter one's landmarks, {pair.offset:+.1f} s)"
        for pair in survey.duplicates
    ]
    return "\n".join(["The same recording:", *(f"  {line}" for line in lines)]) if lines else ""


def advice(found: Advice) -> str:
    """The sentences under their headings."""
    blocks = [[title, *(f"  - {each}" for each in sentences)] for title, sentences in found.sections]
    return "\n".join("\n".join(block) for block in blocks)


def training(found: Sequence[Training]) -> str:
    """Table of the presets: minutes of music, passes over the band's songs, and training time.

    The time is that on this machine where it was measured, else that of the machine that the preset names.
    """
    tried = any(each.here is not None for each in found)
    how = "some steps were tried" if tried else "as measured for each preset; --try_presets tries some steps"
    head = f"How long training takes ({how}; this machine has {os.cpu_count()} cores)"
    width = max(len(each.preset) for each in found)
    lines = [
        f"  {each.preset:<{width}}  hears {each.heard:,.0f} min, the band's songs {times(each.passes)}; "
        f"{each.lasts}"
        for each in found
    ]
    return "\n".join([head, *lines])


def times(passes: float) -> str:
    """Such as "2.6 times"."""
    return f"{passes:,.1f} times" if passes < 10 else f"{passes:,.0f} times"
