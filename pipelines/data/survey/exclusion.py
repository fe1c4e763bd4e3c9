"""Selection of the songs to leave out, with the reasons; the user's files are not changed."""

from __future__ import annotations

import math

from pipelines.data.schema import DOMAINS
from pipelines.data.survey.kinds import DUPLICATES, KINDS, SILENCE
from pipelines.data.survey.survey import Song, Survey

MOSTLY_SILENT = 0.5
"""A song of which a larger part is silent counts as silence."""

_ALIKE_SECONDS, _ALIKE_HERTZ = 1.1, 1000
"""Lengths within so large a ratio and bandwidths within so many hertz are the same for choosing."""


def left_out(survey: Survey, kinds: tuple[str, ...] = KINDS) -> dict[str, dict[str, str]]:
    """The songs to leave out.

    Of the same recording, the band's copy stays; in one domain the longer one, then the one that was not
    coded lossily, then the one with the wider spectrum.

    Args:
        survey: what was found.
        kinds: of KINDS.

    Returns:
        By domain and name: why, in words that follow the name.
    """
    reasons: dict[str, dict[str, str]] = {domain: {} for domain in DOMAINS}
    if SILENCE in kinds:
        for song in survey.songs:
            if song.facts.silence > MOSTLY_SILENT:
                reasons[song.domain][song.name] = f"is silent for {song.facts.silence:.0%} of its length"
    if DUPLICATES in kinds:
        for song, why in _doubled(survey, reasons):
            reasons[song.domain][song.name] = why
    return reasons


def _doubled(survey: Survey, gone: dict[str, dict[str, str]]) -> list[tuple[Song, str]]:
    """Songs whose recording is in one that stays; those already gone take nothing with them."""
    twins: dict[str, list[Song]] = {}
    for pair in survey.duplicates:
        twins.setdefault(pair.first.label, []).append(pair.second)
        twins.setdefault(pair.second.label, []).append(pair.first)
    kept: set[str] = set()
    found = []
    for song in sorted(survey.songs, key=_preference):
        if song.name in gone[song.domain]:
            continue
        twin = next((each for each in twins.get(song.label, []) if each.label in kept), None)
        if twin is None:
            kept.add(song.label)
        else:
            found.append((song, f"is the same recording as {twin.label}"))
    return found


def _preference(song: Song) -> tuple[int, int, bool, int, str]:
    """Smaller stays."""
    length = round(math.log(max(song.facts.seconds, 1.0)) / math.log(_ALIKE_SECONDS))
    band = -DOMAINS.index(song.domain)
    return band, -length, song.facts.lossy, -round(song.facts.bandwidth / _ALIKE_HERTZ), song.name
