"""A dataset report as JSON."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipelines import outputs
from pipelines.data.schema import DOMAINS
from pipelines.data.survey.advice import Advice, amount_of_data
from pipelines.data.survey.bandwidth import CENTRES
from pipelines.data.survey.exclusion import excluded_songs, sound_minutes, sung_minutes, usable_songs
from pipelines.data.survey.survey import DatasetReport, Duplicate, MeasuredSong
from pipelines.data.survey.training_cost import TrainingCost


def to_json(report: DatasetReport, advice: Advice, costs: Sequence[TrainingCost]) -> dict[str, Any]:
    """JSON values of a dataset report; missing numbers are None."""
    return {
        "domains": {domain: _domain(report, domain) for domain in DOMAINS},
        "songs": [_song(song) for song in report.songs],
        "duplicates": [_duplicate(pair) for pair in report.duplicates],
        "excluded": excluded_songs(report),
        "advice": dataclasses.asdict(advice),
        "training": [dataclasses.asdict(cost) for cost in costs],
        "spectrum_hertz": [round(float(hertz), 1) for hertz in CENTRES],
    }


def write(path: Path, values: dict[str, Any]) -> None:
    """Writes JSON atomically.

    Raises:
        OSError: if the disk is full.
    """
    with outputs.whole(path) as unfinished:
        unfinished.write_text(json.dumps(values, indent=2, allow_nan=False) + "\n")


def _domain(report: DatasetReport, domain: str) -> dict[str, Any]:
    songs = usable_songs(report, domain)
    return {
        "folder": report.folders[domain],
        "songs": len(report.songs_of(domain)),
        "minutes": round(sum(song.facts.seconds for song in report.songs_of(domain)) / 60, 2),
        "usable_songs": len(songs),
        "usable_minutes": round(sound_minutes(songs), 2),
        "amount": amount_of_data(sound_minutes(songs)),
        "minutes_probably_sung": round(sung_minutes(songs), 2),
        "ignored": {kind: list(names) for kind, names in report.found[domain].ignored.items()},
        "unreadable": [dataclasses.asdict(item) for item in report.unusable[domain]],
    }


def _song(song: MeasuredSong) -> dict[str, Any]:
    values = {"domain": song.domain, "name": song.name, **dataclasses.asdict(song.facts)}
    return {**values, "image": song.facts.image, "spectrum_db": _rounded(song.curve)}


def _rounded(curve: np.ndarray) -> list[float | None]:
    return [round(float(level), 1) if math.isfinite(level) else None for level in curve]


def _duplicate(pair: Duplicate) -> dict[str, Any]:
    return {
        "first": pair.first.label,
        "second": pair.second.label,
        "share": pair.share,
        "offset_seconds": pair.offset,
    }
