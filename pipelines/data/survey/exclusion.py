"""Excluded songs of a dataset report with the reasons, and the amounts of the usable rest.

The user's files are not changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipelines.data.schema import DOMAINS
from pipelines.data.survey.kinds import DUPLICATES, KINDS, SILENCE
from pipelines.data.survey.survey import DatasetReport, MeasuredSong
from pipelines.data.survey.voice import PROBABLE

MOSTLY_SILENT = 0.5
"""Songs with a larger silent part are excluded as silence."""

_SIMILAR_LENGTH, _SIMILAR_HERTZ = 1.1, 1000
"""Ratio of lengths and difference of bandwidths below which copies of a recording count as equal."""


def excluded_songs(report: DatasetReport, kinds: tuple[str, ...] = KINDS) -> dict[str, dict[str, str]]:
    """Songs to exclude, by domain and name, with a reason that follows the name in a sentence.

    Of several copies of a recording, the band's copy is kept; within a domain the longest, then the one
    without lossy coding, then the one with the largest bandwidth.

    Args:
        report: the dataset report.
        kinds: kinds of songs to exclude, of KINDS.
    """
    reasons: dict[str, dict[str, str]] = {domain: {} for domain in DOMAINS}
    if SILENCE in kinds:
        for song in report.songs:
            if song.facts.silence > MOSTLY_SILENT:
                reasons[song.domain][song.name] = f"is silent for {song.facts.silence:.0%} of its length"
    if DUPLICATES in kinds:
        for song, reason in _redundant_copies(report, reasons):
            reasons[song.domain][song.name] = reason
    return reasons


def usable_songs(report: DatasetReport, domain: str) -> list[MeasuredSong]:
    """Songs of a domain without duplicates and silence."""
    excluded = excluded_songs(report)[domain]
    return [song for song in report.songs_of(domain) if song.name not in excluded]


def sound_minutes(songs: Sequence[MeasuredSong]) -> float:
    """Total length of songs without their silence, minutes."""
    return sum(song.facts.seconds * (1 - song.facts.silence) for song in songs) / 60


def sung_minutes(songs: Sequence[MeasuredSong]) -> float:
    """Minutes of songs that probably contain singing: an estimate, see `pipelines.data.survey.voice`."""
    return sound_minutes([song for song in songs if song.facts.voice > PROBABLE])


def _redundant_copies(
    report: DatasetReport, excluded: dict[str, dict[str, str]]
) -> list[tuple[MeasuredSong, str]]:
    """Songs whose recording is part of a kept song; songs that are excluded already are not kept."""
    copies: dict[str, list[MeasuredSong]] = {}
    for pair in report.duplicates:
        copies.setdefault(pair.first.label, []).append(pair.second)
        copies.setdefault(pair.second.label, []).append(pair.first)
    kept: set[str] = set()
    redundant = []
    for song in sorted(report.songs, key=_rank):
        if song.name in excluded[song.domain]:
            continue
        copy = next((each for each in copies.get(song.label, []) if each.label in kept), None)
        if copy is None:
            kept.add(song.label)
        else:
            redundant.append((song, f"is the same recording as {copy.label}"))
    return redundant


def _rank(song: MeasuredSong) -> tuple[int, int, bool, int, str]:
    """Sort key of copies; the first one is kept."""
    length = round(math.log(max(song.facts.seconds, 1.0)) / math.log(_SIMILAR_LENGTH))
    domain = -DOMAINS.index(song.domain)
    return domain, -length, song.facts.lossy, -round(song.facts.bandwidth / _SIMILAR_HERTZ), song.name
