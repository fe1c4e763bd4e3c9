"""Long recordings, such as concerts, cut into parts that can be split into train, valid and test."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from pipelines.data import songs
from pipelines.data.schema import Settings, SongRecord, VariantRecord

LONG_SECONDS = 20 * 60.0
"""Length from which a recording is cut: a concert, or the file of a full album."""
ALONE_SECONDS = 60.0
"""Length from which the only recording of a domain is cut."""
PART_SECONDS = 5 * 60.0
GUARD_SEGMENTS = 1
"""Segments between two parts that belong to neither, so that no sound is in two splits."""

_ALONE_PARTS = 10
_FEWEST_SEGMENTS = 4


def in_splits(records: Sequence[SongRecord], settings: Settings) -> tuple[SongRecord, ...]:
    """The songs of a domain by name, long ones in parts, each in its split (see `songs.split`).

    Args:
        records: of one domain, a whole recording each.
        settings: of the data folder.
    """
    found = cut(records, settings)
    splits = songs.split([record.name for record in found])
    done = [dataclasses.replace(record, split=splits[record.name]) for record in found]
    return tuple(sorted(done, key=lambda record: record.name))


def cut(records: Sequence[SongRecord], settings: Settings) -> list[SongRecord]:
    """The songs of a domain, long ones in parts; a part is a range of the segments of its recording's shard.

    Args:
        records: of one domain, a whole recording each.
        settings: of the data folder.
    """
    alone = len(records) == 1
    return [part for record in records for part in _parts(record, settings, alone)]


def of_variant(variant: VariantRecord, recording: Sequence[SongRecord]) -> list[VariantRecord]:
    """The stretches of a variant at which its recording is a training song.

    Args:
        variant: of a whole recording.
        recording: the song, or its parts by `cut`, with their splits.
    """
    found = []
    for song in recording:
        # Rounded inwards: the guard between two parts stays.
        first = math.ceil(song.first / variant.tempo)
        end = (song.first + song.segments) / variant.tempo if len(recording) > 1 else math.inf
        last = int(min(end, variant.segments))
        if song.split == "train" and last > first:
            seconds = variant.seconds * (last - first) / variant.segments
            part = dataclasses.replace(
                variant,
                name=variant.name.replace(variant.variant_of, song.name, 1),
                variant_of=song.name,
                split="train",
                seconds=round(seconds, 3),
                first=first,
                segments=last - first,
            )
            found.append(part)
    return found


def _parts(record: SongRecord, settings: Settings, alone: bool) -> Iterator[SongRecord]:
    seconds = settings.segment_frames / settings.spec.frame_rate  # from one segment to the next
    size = _segments_of_part(record, seconds, alone)
    if size is None:
        yield record
        return
    firsts = range(0, record.segments - 1, size + GUARD_SEGMENTS)
    for number, first in enumerate(firsts, 1):
        segments = min(size, record.segments - first)
        length = segments * seconds if number < len(firsts) else record.seconds - first * seconds
        name = _name(record.name, number, len(firsts))
        yield dataclasses.replace(record, name=name, seconds=round(length, 3), first=first, segments=segments)


def _segments_of_part(record: SongRecord, seconds: float, alone: bool) -> int | None:
    """Length of a recording's parts, in segments of so many seconds; None if it stays whole."""
    if record.seconds < (ALONE_SECONDS if alone else LONG_SECONDS):
        return None
    return max(_FEWEST_SEGMENTS, min(round(PART_SECONDS / seconds), record.segments // _ALONE_PARTS))


def _name(name: str, number: int, count: int) -> str:
    path = PurePosixPath(name)
    part = f"(part {number:0{len(str(count))}} of {count})"
    return path.with_name(f"{path.stem} {part}{path.suffix}").as_posix()
