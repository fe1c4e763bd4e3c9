"""Advice for training that follows from a survey, in plain words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from pipelines.data import songs as splitting
from pipelines.data.schema import DOMAINS
from pipelines.data.skipped_songs import grouped
from pipelines.data.summary import FEW_MINUTES
from pipelines.data.survey import imbalance
from pipelines.data.survey.amounts import minutes, usable
from pipelines.data.survey.exclusion import left_out
from pipelines.data.survey.kinds import KINDS
from pipelines.data.survey.survey import Song, Survey
from pipelines.data.survey.traits import CLIPPED, OPPOSED

START_MINUTES = 20.0
"""A side that has less is small: the demo learns from 10 minutes of band, the benchmark's tables from 12."""

_LOW_HERTZ = 10_000
_CENTS = 20
_NAMED, _LISTED = 3, 20


@dataclasses.dataclass(frozen=True)
class Advice:
    """Sentences by what they are about.

    Attributes:
        enough: whether each domain has enough, one each.
        remove: what is better left out or replaced.
        learned: what differs between the domains and would be learned as style.
        harmless: what differs and does not matter.
    """

    enough: tuple[str, ...]
    remove: tuple[str, ...]
    learned: tuple[str, ...]
    harmless: tuple[str, ...]

    @property
    def sections(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Headings and their sentences; empty ones are left out."""
        found = (
            ("Is there enough?", self.enough),
            ("What to remove or replace", self.remove),
            ("What a model would learn as style", self.learned),
            ("What differs and does no harm", self.harmless),
        )
        return tuple((title, sentences) for title, sentences in found if sentences)


def advise(survey: Survey) -> Advice:
    """All advice on two folders."""
    return Advice(
        tuple(_enough(survey, domain) for domain in DOMAINS),
        tuple(_remove(survey)),
        tuple(imbalance.learned(survey)),
        tuple(imbalance.harmless(survey)),
    )


def _enough(survey: Survey, domain: str) -> str:
    songs = usable(survey, domain)
    found = minutes(songs)
    amount = f"{domain}: {found:.1f} minutes of sound in {len(songs)} song{'s' * (len(songs) != 1)}"
    if found < FEW_MINUTES:
        verdict = f"too little, expect little from less than {FEW_MINUTES:.0f} minutes"
    elif found < START_MINUTES:
        verdict = f"little, {START_MINUTES:.0f} minutes are a start"
    else:
        verdict = "enough to start; more is better, hours rather than minutes"
    return f"{amount}: {verdict}{_held_out(songs)}"


def _held_out(songs: Sequence[Song]) -> str:
    """Clause on the held-out splits that a domain has too few songs for; empty if it has all splits."""
    splits = list(splitting.split([song.name for song in songs]).values())
    if "valid" not in splits:
        return "; one song cannot be split, so that it is validated on what it is trained on"
    if "test" not in splits:
        return "; too few songs to keep one apart for tests"
    return ""


def _remove(survey: Survey) -> Iterator[str]:
    gone = [
        f"{domain}/{name} {why}" for domain, each in left_out(survey).items() for name, why in each.items()
    ]
    yield from _first(gone)
    if gone:
        yield f"coverband prepare --drop {','.join(KINDS)} leaves these out; your files stay as they are"
    unusable = survey.unusable.items()
    yield from grouped((f"{domain}/{item.file}", item.why) for domain, each in unusable for item in each)
    for domain in DOMAINS:
        yield from _flawed(usable(survey, domain), domain)


def _first(sentences: Sequence[str]) -> Iterator[str]:
    """As many as can be read."""
    yield from sentences[:_LISTED]
    if len(sentences) > _LISTED:
        yield f"and {len(sentences) - _LISTED} more: --json has all"


def _flawed(songs: Sequence[Song], domain: str) -> Iterator[str]:
    """Songs whose sound is worse than it need be; the worst are named."""
    clipped = [song for song in songs if song.facts.clipping > CLIPPED]
    if clipped:
        clipped.sort(key=lambda song: -song.facts.clipping)
        yield f"{_some(clipped, songs, domain)} clipped (above {CLIPPED:.1%} of the samples): models learn it"
    low = [song for song in songs if 0 < song.facts.bandwidth < _LOW_HERTZ and song.facts.cut_off]
    low += [song for song in songs if song.facts.sample_rate < 2 * _LOW_HERTZ and song not in low]
    if low:
        yield f"{_some(low, songs, domain)} cut off below {_LOW_HERTZ // 1000} kHz: look for better copies"
    opposed = [song for song in songs if song.facts.image == OPPOSED]
    if opposed:
        yield f"{_some(opposed, songs, domain)} nearly silent in mono, as models hear: left and right cancel"
    tuned = [song for song in songs if abs(song.facts.tuning or 0.0) > _CENTS]
    if tuned and len(tuned) < len(songs) / 2:
        yield f"{_some(tuned, songs, domain)} more than {_CENTS} cents off 440 Hz: retune or leave out"


def _some(found: Sequence[Song], songs: Sequence[Song], domain: str) -> str:
    """The first of them by name, and "is" or "are"."""
    names = ", ".join(song.name for song in found[:_NAMED])
    more = "" if len(found) <= _NAMED else " and others"
    return f"{len(found)} of {len(songs)} {domain} songs ({names}{more}) {'is' if len(found) == 1 else 'are'}"
