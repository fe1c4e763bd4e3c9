"""Differences between the domains, those that a model would learn as style and those that do no harm.

Prepared songs are mono, at one loudness and one sample rate. Any other difference reaches the networks, which
cannot distinguish it from the band's style.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from pipelines.data.survey.amounts import minutes, sung, usable
from pipelines.data.survey.survey import Survey
from pipelines.data.survey.traits import (
    BANDWIDTH,
    CLIPPED,
    LOUDNESS,
    SILENCE,
    TEMPO,
    TUNING,
    WIDTH,
    Trait,
    circular_mean,
    separation,
)

_SPREADS = 1.5
_CLEAR = 0.75
"""A difference is told when so many pairs of a song of each domain show it."""
_MONO = "models hear mono and covers keep the song's image"
_BANDWIDTH_RATIO, _TEMPO_RATIO = 1.15, 1.2
_CENTS, _SILENCE_POINTS, _PART, _LOUDNESS_DB, _WIDTH_DB = 10.0, 10.0, 0.4, 6.0, 6.0


def learned(survey: Survey) -> list[str]:
    """Differences that a model would learn as style, a sentence each."""
    traits = (_bandwidth, _tuning, _tempo, _singing, _clipping, _silence)
    return [sentence for trait in traits for sentence in trait(survey)]


def harmless(survey: Survey) -> list[str]:
    """Differences that prepare evens out, a sentence each."""
    return [*_loudness(survey), *_width(survey)]


def _medians(survey: Survey, trait: Trait) -> tuple[float, float] | None:
    """Of content and band; None where one has no number, or the songs do not differ clearly."""
    content, band = trait.of(survey.of("content")), trait.of(survey.of("band"))
    if not len(content) or not len(band):
        return None
    share = separation(content, band)
    if max(share, 1 - share) < _CLEAR:
        return None
    return float(np.median(content)), float(np.median(band))


def _bandwidth(survey: Survey) -> Iterator[str]:
    found = _medians(survey, BANDWIDTH)
    if found is None or min(found) <= 0 or max(found) / min(found) < _BANDWIDTH_RATIO:
        return
    duller, brighter = ("band", "content") if found[1] < found[0] else ("content", "band")
    yield (
        f"bandwidth: half of the {duller} songs end below {min(found):.1f} kHz, half of the {brighter} songs "
        f"above {max(found):.1f}: covers will be {'duller' if duller == 'band' else 'brighter'} by their "
        f"files alone; find better copies of the {duller} songs, or --fmax {1000 * min(found):.0f}"
    )


def _tuning(survey: Survey) -> Iterator[str]:
    content, band = TUNING.of(survey.of("content")), TUNING.of(survey.of("band"))
    if not len(content) or not len(band):
        return
    one, other = circular_mean(content), circular_mean(band)
    apart = (other - one + 50) % 100 - 50
    spread = np.median(np.abs((np.concatenate([content - one, band - other]) + 50) % 100 - 50))
    if abs(apart) >= max(_CENTS, _SPREADS * float(spread)):
        yield (
            f"tuning: the band is {abs(apart):.0f} cents {'sharp' if apart > 0 else 'flat'} of the content "
            f"({other:+.0f} against {one:+.0f} from 440 Hz): covers may come out out of tune; retune one side"
        )


def _tempo(survey: Survey) -> Iterator[str]:
    found = _medians(survey, TEMPO)
    if found is None:
        return
    octaves = math.log2(found[1] / found[0])
    ratio = 2 ** abs(
        octaves - round(octaves)
    )  # half or double the tempo is the same as far as librosa can tell
    if ratio >= _TEMPO_RATIO:
        yield (
            f"tempo: medians {found[0]:.0f} BPM of content and {found[1]:.0f} of the band: covers keep the "
            "song's own tempo, which the band was not heard at; add songs of similar tempo to either side"
        )


def _singing(survey: Survey) -> Iterator[str]:
    sides = [usable(survey, each) for each in ("content", "band")]
    content, band = (sung(songs) / max(minutes(songs), 1e-9) for songs in sides)
    if abs(band - content) >= _PART:
        end = (
            "models play voices as if they were an instrument"
            if content > band
            else "covers will have something of voices where nobody sings"
        )
        yield (
            f"singing (an estimate): {content:.0%} of the content minutes and {band:.0%} of the band's are "
            f"in songs that are probably sung: {end}; have voices on both sides, or on neither"
        )


def _clipping(survey: Survey) -> Iterator[str]:
    parts = [
        np.mean([song.facts.clipping > CLIPPED for song in survey.of(each)]) for each in ("content", "band")
    ]
    if abs(parts[1] - parts[0]) >= _PART:
        which = "band" if parts[1] > parts[0] else "content"
        yield (
            f"clipping: {max(parts):.0%} of the {which} songs are clipped, {min(parts):.0%} of the others: "
            + ("covers will be distorted, too" if which == "band" else "models learn to undo it")
        )


def _silence(survey: Survey) -> Iterator[str]:
    found = _medians(survey, SILENCE)
    if found and abs(found[1] - found[0]) >= _SILENCE_POINTS:
        yield (
            f"silence: {found[0]:.0f} % of a content song and {found[1]:.0f} % of a band song (medians): "
            "a judge tells the two by their pauses; cut them"
        )


def _loudness(survey: Survey) -> Iterator[str]:
    found = _medians(survey, LOUDNESS)
    if found and abs(found[1] - found[0]) >= _LOUDNESS_DB:
        yield (
            f"loudness: medians {found[0]:.1f} LUFS of content and {found[1]:.1f} of the band: no harm, "
            "prepare brings every song to one loudness"
        )


def _width(survey: Survey) -> Iterator[str]:
    images = {each: {song.facts.image for song in survey.of(each)} for each in ("content", "band")}
    narrow = {each for each, found in images.items() if found <= {"mono", "dual mono"}}
    found = _medians(survey, WIDTH)
    if len(narrow) == 1:
        yield f"stereo: all {narrow.pop()} songs are mono: no harm, {_MONO}"
    elif not narrow and found and abs(found[1] - found[0]) >= _WIDTH_DB:
        yield (
            f"stereo: the {'band' if found[1] > found[0] else 'content'} is wider by "
            f"{abs(found[1] - found[0]):.0f} dB: no harm, {_MONO}"
        )
