"""Differences between the domains: those that a model learns as style, and those without effect.

Prepared songs are mono, at one loudness and one sample rate. Any other difference reaches the networks, which
cannot distinguish it from the band's style.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from pipelines.data.survey.descriptors import (
    BANDWIDTH,
    CLIPPED,
    LOUDNESS,
    SILENCE,
    TEMPO,
    TUNING,
    WIDTH,
    Descriptor,
    circular_mean,
    separation,
)
from pipelines.data.survey.exclusion import sound_minutes, sung_minutes, usable_songs
from pipelines.data.survey.survey import DatasetReport

_SPREADS = 1.5
_CLEAR = 0.75
"""Smallest `separation` of the domains for which a difference is reported."""
_MONO = "models are trained on mono, and covers keep the song's stereo image"
_BANDWIDTH_RATIO, _TEMPO_RATIO = 1.15, 1.2
_CENTS, _SILENCE_POINTS, _PART, _LOUDNESS_DB, _WIDTH_DB = 10.0, 10.0, 0.4, 6.0, 6.0


def learned(report: DatasetReport) -> list[str]:
    """Differences that a model learns as style, a sentence each."""
    checks = (_bandwidth, _tuning, _tempo, _singing, _clipping, _silence)
    return [sentence for check in checks for sentence in check(report)]


def harmless(report: DatasetReport) -> list[str]:
    """Differences that preparation removes, a sentence each."""
    return [*_loudness(report), *_width(report)]


def _medians(report: DatasetReport, descriptor: Descriptor) -> tuple[float, float] | None:
    """Medians of content and band; None if either has no value, or the domains overlap too much."""
    content, band = descriptor.values(report.songs_of("content")), descriptor.values(report.songs_of("band"))
    if not len(content) or not len(band):
        return None
    share = separation(content, band)
    if max(share, 1 - share) < _CLEAR:
        return None
    return float(np.median(content)), float(np.median(band))


def _bandwidth(report: DatasetReport) -> Iterator[str]:
    found = _medians(report, BANDWIDTH)
    if found is None or min(found) <= 0 or max(found) / min(found) < _BANDWIDTH_RATIO:
        return
    duller, brighter = ("band", "content") if found[1] < found[0] else ("content", "band")
    yield (
        f"bandwidth: half of the {duller} songs end below {min(found):.1f} kHz, half of the {brighter} songs "
        f"above {max(found):.1f}: covers will be {'duller' if duller == 'band' else 'brighter'} because "
        f"of the files alone; find better copies of the {duller} songs, or --fmax {1000 * min(found):.0f}"
    )


def _tuning(report: DatasetReport) -> Iterator[str]:
    content, band = TUNING.values(report.songs_of("content")), TUNING.values(report.songs_of("band"))
    if not len(content) or not len(band):
        return
    one, other = circular_mean(content), circular_mean(band)
    apart = (other - one + 50) % 100 - 50
    spread = np.median(np.abs((np.concatenate([content - one, band - other]) + 50) % 100 - 50))
    if abs(apart) >= max(_CENTS, _SPREADS * float(spread)):
        yield (
            f"tuning: the band is {abs(apart):.0f} cents {'sharp' if apart > 0 else 'flat'} of the content "
            f"({other:+.0f} against {one:+.0f} from 440 Hz): covers may be out of tune; retune one domain"
        )


def _tempo(report: DatasetReport) -> Iterator[str]:
    found = _medians(report, TEMPO)
    if found is None:
        return
    octaves = math.log2(found[1] / found[0])
    # librosa confuses a tempo with its half and its double.
    ratio = 2 ** abs(octaves - round(octaves))
    if ratio >= _TEMPO_RATIO:
        yield (
            f"tempo: medians {found[0]:.0f} BPM of content and {found[1]:.0f} of the band: covers keep the "
            "song's own tempo, at which there is no band recording; add songs of similar tempo"
        )


def _singing(report: DatasetReport) -> Iterator[str]:
    sides = [usable_songs(report, each) for each in ("content", "band")]
    content, band = (sung_minutes(songs) / max(sound_minutes(songs), 1e-9) for songs in sides)
    if abs(band - content) >= _PART:
        end = (
            "models translate voices as if they were instruments; keep the singer with translate --vocals"
            if content > band
            else "covers will have voice-like sounds where the song has no singing; prepare the band without "
            "its singer with --instrumental_of_band"
        )
        yield (
            f"singing (an estimate): {content:.0%} of the content minutes and {band:.0%} of the band's are "
            f"in songs that are probably sung: {end}, or use singing in both domains, or in neither"
        )


def _clipping(report: DatasetReport) -> Iterator[str]:
    parts = [
        np.mean([song.facts.clipping > CLIPPED for song in report.songs_of(each)])
        for each in ("content", "band")
    ]
    if abs(parts[1] - parts[0]) >= _PART:
        which = "band" if parts[1] > parts[0] else "content"
        yield (
            f"clipping: {max(parts):.0%} of the {which} songs are clipped, {min(parts):.0%} of the others: "
            + ("covers will be distorted, too" if which == "band" else "models learn to remove it")
        )


def _silence(report: DatasetReport) -> Iterator[str]:
    found = _medians(report, SILENCE)
    if found and abs(found[1] - found[0]) >= _SILENCE_POINTS:
        yield (
            f"silence: {found[0]:.0f} % of a content song and {found[1]:.0f} % of a band song (medians): "
            "a discriminator separates the domains by their pauses; cut them"
        )


def _loudness(report: DatasetReport) -> Iterator[str]:
    found = _medians(report, LOUDNESS)
    if found and abs(found[1] - found[0]) >= _LOUDNESS_DB:
        yield (
            f"loudness: medians {found[0]:.1f} LUFS of content and {found[1]:.1f} of the band: no harm, "
            "prepare brings every song to one loudness"
        )


def _width(report: DatasetReport) -> Iterator[str]:
    images = {each: {song.facts.image for song in report.songs_of(each)} for each in ("content", "band")}
    narrow = {each for each, found in images.items() if found <= {"mono", "dual mono"}}
    found = _medians(report, WIDTH)
    if len(narrow) == 1:
        yield f"stereo: all {narrow.pop()} songs are mono: no harm, {_MONO}"
    elif not narrow and found and abs(found[1] - found[0]) >= _WIDTH_DB:
        yield (
            f"stereo: the {'band' if found[1] > found[0] else 'content'} is wider by "
            f"{abs(found[1] - found[0]):.0f} dB: no harm, {_MONO}"
        )
