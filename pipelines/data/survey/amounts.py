"""Amounts of training data: the usable songs of a domain, and their minutes."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.data.survey.exclusion import left_out
from pipelines.data.survey.survey import Song, Survey
from pipelines.data.survey.voice import PROBABLE


def usable(survey: Survey, domain: str) -> list[Song]:
    """The songs of a domain without duplicates and silence."""
    gone = left_out(survey)[domain]
    return [song for song in survey.of(domain) if song.name not in gone]


def minutes(songs: Sequence[Song]) -> float:
    """Of sound: silence does not count."""
    return sum(song.facts.seconds * (1 - song.facts.silence) for song in songs) / 60


def sung(songs: Sequence[Song]) -> float:
    """Minutes in songs that are probably sung: an estimate, see `pipelines.data.survey.voice`."""
    return minutes([song for song in songs if song.facts.voice > PROBABLE])
