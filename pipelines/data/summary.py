"""Text summary of a data folder: table of its songs, and warnings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pipelines.data.schema import DOMAINS, SPLITS, Manifest, SongRecord

FEW_MINUTES = 5.0
_ROW = "{:<8} {:<8} {:>6} {:>8} {:>19} {:>8}"


def table(manifest: Manifest) -> str:
    """Table by domain and split: songs, minutes, original loudness (median and range), skipped files."""
    lines = [_ROW.format("domain", "split", "songs", "minutes", "loudness (LUFS)", "skipped")]
    for name in DOMAINS:
        domain = manifest.domains[name]
        for split in SPLITS:
            songs = [song for song in domain.songs if song.split == split]
            lines.append(_ROW.format(name, split, len(songs), f"{_minutes(songs):.1f}", _loudness(songs), ""))
        lines.append(
            _ROW.format(
                name,
                "all",
                len(domain.songs),
                f"{_minutes(domain.songs):.1f}",
                _loudness(domain.songs),
                len(domain.skipped),
            )
        )
        if copies := domain.copies:
            lines.append(_ROW.format(name, "copies", len(copies), f"{_minutes(copies):.1f}", "-", ""))
    return "\n".join(lines)


def warnings(manifest: Manifest) -> Iterator[str]:
    """Warnings before training, one sentence each: little data, high peaks, damaged files."""
    for name in DOMAINS:
        songs = manifest.domains[name].songs
        if len(songs) == 1:
            yield f"{name} has only one song ({songs[0].name}): it is validated on what it is trained on"
        if _minutes(songs) < FEW_MINUTES:
            minutes = _minutes(songs)
            yield f"{name} has only {minutes:.1f} minutes: expect little from less than {FEW_MINUTES:.0f}"
        limited = [song.name for song in songs if song.peak_limited]
        if limited:
            quieter = f"{len(limited)} of {len(songs)} songs stay quieter than the rest"
            yield f"in {name}, {quieter}, since their peaks would clip (for instance {limited[0]})"
        damaged = [song for song in songs if song.damage]
        if damaged:
            count = f"{len(damaged)} of {len(songs)} songs are used in part"
            yield f"in {name}, {count}: for instance {damaged[0].name} {damaged[0].damage}"


def short_song_warnings(manifest: Manifest, frames: int) -> Iterator[str]:
    """Warning for each domain with training songs shorter than a clip.

    Args:
        manifest: of a data folder.
        frames: number of uncentred frames of a clip.
    """
    seconds = manifest.settings.spec.span(frames) / manifest.settings.spec.sample_rate
    for name in DOMAINS:
        songs = [song for song in manifest.domains[name].songs if song.split == "train"]
        short = sum(song.seconds < seconds for song in songs)
        if short:
            count = f"{short} of {len(songs)} training songs of {name} are"
            yield f"{count} shorter than a clip ({seconds:.1f} s): silence follows them"


def _minutes(songs: Sequence[SongRecord]) -> float:
    return sum(song.seconds for song in songs) / 60


def _loudness(songs: Sequence[SongRecord]) -> str:
    if not songs:
        return "-"
    values = [song.loudness for song in songs]
    return f"{np.median(values):.1f} ({min(values):.0f}..{max(values):.0f})"
