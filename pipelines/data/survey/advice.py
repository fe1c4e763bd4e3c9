"""Advice for training from a dataset report, in sentences."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from pipelines.data import splits as splitting
from pipelines.data.schema import DOMAINS
from pipelines.data.skipped_songs import grouped
from pipelines.data.summary import FEW_MINUTES
from pipelines.data.survey import imbalance
from pipelines.data.survey.descriptors import CLIPPED, OPPOSED
from pipelines.data.survey.exclusion import excluded_songs, sound_minutes, usable_songs
from pipelines.data.survey.kinds import KINDS
from pipelines.data.survey.survey import DatasetReport, MeasuredSong

START_MINUTES = 20.0
"""Domains with less are small: the demo is trained on 10 minutes of band, the benchmark's tables on 12."""

TOO_LITTLE, LITTLE, ENOUGH = "too little", "little", "enough"
_VERDICTS = {
    TOO_LITTLE: f"too little, expect little from less than {FEW_MINUTES:.0f} minutes",
    LITTLE: f"little, {START_MINUTES:.0f} minutes are a start",
    ENOUGH: "enough to start; more is better, hours rather than minutes",
}
_LOW_HERTZ = 10_000
_CENTS = 20
_NAMED, _LISTED = 3, 20


@dataclasses.dataclass(frozen=True)
class Advice:
    """Sentences of advice by topic.

    Attributes:
        enough: amount of data, one sentence per domain.
        remove: songs that should be removed or replaced.
        learned: differences between the domains that a model learns as style.
        harmless: differences without effect on training.
    """

    enough: tuple[str, ...]
    remove: tuple[str, ...]
    learned: tuple[str, ...]
    harmless: tuple[str, ...]

    @property
    def sections(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Headings and sentences of the topics; empty topics are left out."""
        found = (
            ("Amount of data", self.enough),
            ("Songs to remove or replace", self.remove),
            ("Differences that a model learns as style", self.learned),
            ("Differences without effect", self.harmless),
        )
        return tuple((title, sentences) for title, sentences in found if sentences)


def advise(report: DatasetReport) -> Advice:
    """Advice on two folders of songs."""
    return Advice(
        tuple(_enough(report, domain) for domain in DOMAINS),
        tuple(_remove(report)),
        tuple(imbalance.learned(report)),
        tuple(imbalance.harmless(report)),
    )


def _enough(report: DatasetReport, domain: str) -> str:
    songs = usable_songs(report, domain)
    found = sound_minutes(songs)
    amount = f"{domain}: {found:.1f} minutes of sound in {len(songs)} song{'s' * (len(songs) != 1)}"
    return f"{amount}: {_VERDICTS[amount_of_data(found)]}{_held_out(songs)}"


def amount_of_data(minutes: float) -> str:
    """Amount of data of a domain in words: one of TOO_LITTLE, LITTLE and ENOUGH."""
    return TOO_LITTLE if minutes < FEW_MINUTES else LITTLE if minutes < START_MINUTES else ENOUGH


def _held_out(songs: Sequence[MeasuredSong]) -> str:
    """Clause on the held-out splits that a domain has too few songs for; empty if it has all splits."""
    splits = list(splitting.assign_splits([song.name for song in songs]).values())
    if "valid" not in splits:
        return "; one song cannot be split: training and validation use the same song"
    if "test" not in splits:
        return "; too few songs for a test split"
    return ""


def _remove(report: DatasetReport) -> Iterator[str]:
    excluded = [
        f"{domain}/{name} {reason}"
        for domain, reasons in excluded_songs(report).items()
        for name, reason in reasons.items()
    ]
    yield from _truncate(excluded)
    if excluded:
        yield f"coverband prepare --drop {','.join(KINDS)} leaves these out; your files stay as they are"
    unusable = report.unusable.items()
    yield from grouped((f"{domain}/{item.file}", item.why) for domain, each in unusable for item in each)
    for domain in DOMAINS:
        yield from _flawed(usable_songs(report, domain), domain)


def _truncate(sentences: Sequence[str]) -> Iterator[str]:
    """The first `_LISTED` sentences, and the number of the others."""
    yield from sentences[:_LISTED]
    if len(sentences) > _LISTED:
        yield f"and {len(sentences) - _LISTED} more: --json has all"


def _flawed(songs: Sequence[MeasuredSong], domain: str) -> Iterator[str]:
    """Sentences on songs with defects of sound; the first few are named."""
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
        yield f"{_some(opposed, songs, domain)} nearly silent in mono: left and right cancel"
    tuned = [song for song in songs if abs(song.facts.tuning or 0.0) > _CENTS]
    if tuned and len(tuned) < len(songs) / 2:
        yield f"{_some(tuned, songs, domain)} more than {_CENTS} cents off 440 Hz: retune or leave out"


def _some(found: Sequence[MeasuredSong], songs: Sequence[MeasuredSong], domain: str) -> str:
    """Subject of a sentence: number and first names of the songs found, and "is" or "are"."""
    names = ", ".join(song.name for song in found[:_NAMED])
    more = "" if len(found) <= _NAMED else " and others"
    return f"{len(found)} of {len(songs)} {domain} songs ({names}{more}) {'is' if len(found) == 1 else 'are'}"
