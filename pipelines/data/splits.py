"""Train, valid and test splits of songs; long recordings are cut into parts, each in one split."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from pipelines.data.schema import SPLITS, AugmentedCopy, Settings, SongRecord, StemRecord

HELD_OUT = 0.1
"""Fraction of the songs in the valid split, and again in the test split."""
LONG_SECONDS = 20 * 60.0
"""Length from which a recording is cut: a concert, or the file of a full album."""
ALONE_SECONDS = 60.0
"""Length from which the only recording of a domain is cut."""
PART_SECONDS = 5 * 60.0
GUARD_SEGMENTS = 1
"""Segments between two parts that belong to neither: segments overlap, and no sample is in two splits."""

_PARTS_IF_ALONE = 10
_MIN_SEGMENTS = 4


def split_songs(records: Sequence[SongRecord], settings: Settings) -> tuple[SongRecord, ...]:
    """Songs of a domain sorted by name, long ones cut into parts, each with its split.

    Args:
        records: of one domain, a whole recording each.
        settings: of the data folder.
    """
    parts = cut_long(records, settings)
    splits = assign_splits([record.name for record in parts])
    found = [dataclasses.replace(record, split=splits[record.name]) for record in parts]
    return tuple(sorted(found, key=lambda record: record.name))


def assign_splits(names: Sequence[str]) -> dict[str, str]:
    """Split of every song: the folders train, valid and test, if the domain consists of them, else by hash.

    A domain consists of these folders if every song lies in one of them, and train and valid are not empty.
    Otherwise the rank of a hash of its name decides, so that adding a song moves few others; two songs or
    more give at least one to train and one to valid, one song goes to train.

    Args:
        names: the songs of one domain: paths relative to its folder, with forward slashes.

    Returns:
        name -> train, valid or test.
    """
    folders = {name: name.partition("/")[0] for name in names if "/" in name}
    if len(folders) == len(names) and {"train", "valid"} <= set(folders.values()) <= set(SPLITS):
        return folders
    ranked = sorted(names, key=lambda name: (hashlib.sha256(os.fsencode(name)).hexdigest(), name))
    held_out = round(HELD_OUT * len(ranked))
    valid = max(1, held_out) if len(ranked) > 1 else 0
    splits = ["valid"] * valid + ["test"] * held_out
    return dict(zip(ranked, splits + ["train"] * (len(ranked) - len(splits)), strict=True))


def cut_long(records: Sequence[SongRecord], settings: Settings) -> list[SongRecord]:
    """Songs of a domain, long ones cut into parts: ranges of the records of their recording's shard.

    Args:
        records: of one domain, a whole recording each.
        settings: of the data folder.
    """
    alone = len(records) == 1
    return [part for record in records for part in _parts(record, settings, alone)]


def training_parts(copy: AugmentedCopy, songs: Sequence[SongRecord]) -> list[AugmentedCopy]:
    """Parts of an augmented copy that correspond to training songs.

    Args:
        copy: of a whole recording.
        songs: the recording, or its parts by `cut_long`, with their splits.
    """
    found = []
    for song in songs:
        # Rounded inwards: the guard between two parts stays.
        first = math.ceil(song.first / copy.tempo)
        end = (song.first + song.segments) / copy.tempo if len(songs) > 1 else math.inf
        last = int(min(end, copy.segments))
        if song.split == "train" and last > first:
            seconds = copy.seconds * (last - first) / copy.segments
            part = dataclasses.replace(
                copy,
                name=copy.name.replace(copy.copy_of, song.name, 1),
                copy_of=song.name,
                split="train",
                seconds=round(seconds, 3),
                first=first,
                segments=last - first,
            )
            found.append(part)
    return found


def stem_parts(stem: SongRecord, songs: Sequence[SongRecord], role: str) -> list[StemRecord]:
    """Records of a stem for its song, or for each part of it: the same range of segments.

    Args:
        stem: a whole recording.
        songs: its song, or the song's parts by `cut_long`, with their splits.
        role: of the stem, see `StemRecord`.
    """
    found = []
    for song in songs:
        segments = min(song.segments, stem.segments - song.first)
        if segments > 0:
            seconds = stem.seconds if len(songs) == 1 else song.seconds
            of_song = {"split": song.split, "first": song.first, "segments": segments, "seconds": seconds}
            values = {**stem.to_dict(), **of_song}
            found.append(StemRecord(**values, stem_of=song.name, role=role))
    return found


def _parts(record: SongRecord, settings: Settings, alone: bool) -> Iterator[SongRecord]:
    stride_seconds = settings.segment_frames / settings.spec.frame_rate  # from one segment to the next
    size = _part_segments(record, stride_seconds, alone)
    if size is None:
        yield record
        return
    firsts = range(0, record.segments - 1, size + GUARD_SEGMENTS)
    for number, first in enumerate(firsts, 1):
        segments = min(size, record.segments - first)
        is_last = number == len(firsts)
        seconds = record.seconds - first * stride_seconds if is_last else segments * stride_seconds
        name = _part_name(record.name, number, len(firsts))
        yield dataclasses.replace(
            record, name=name, seconds=round(seconds, 3), first=first, segments=segments
        )


def _part_segments(record: SongRecord, stride_seconds: float, alone: bool) -> int | None:
    """Length of a recording's parts in segments; None if it is not cut."""
    if record.seconds < (ALONE_SECONDS if alone else LONG_SECONDS):
        return None
    return max(_MIN_SEGMENTS, min(round(PART_SECONDS / stride_seconds), record.segments // _PARTS_IF_ALONE))


def _part_name(name: str, number: int, count: int) -> str:
    path = PurePosixPath(name)
    part = f"(part {number:0{len(str(count))}} of {count})"
    return path.with_name(f"{path.stem} {part}{path.suffix}").as_posix()
