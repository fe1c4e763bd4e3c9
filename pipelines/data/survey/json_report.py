"""A survey as plain JSON."""

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
from pipelines.data.survey.advice import Advice
from pipelines.data.survey.amounts import minutes, sung, usable
from pipelines.data.survey.bandwidth import CENTRES
from pipelines.data.survey.survey import Duplicate, Song, Survey
from pipelines.data.survey.training_cost import Training


def plain(survey: Survey, advice: Advice, trainings: Sequence[Training]) -> dict[str, Any]:
    """Everything that was found; numbers that are not there are null."""
    return {
        "domains": {domain: _domain(survey, domain) for domain in DOMAINS},
        "songs": [_song(song) for song in survey.songs],
        "duplicates": [_duplicate(pair) for pair in survey.duplicates],
        "advice": dataclasses.asdict(advice),
        "training": [dataclasses.asdict(training) for training in trainings],
        "spectrum_hertz": [round(float(hertz), 1) for hertz in CENTRES],
    }


def write(path: Path, values: dict[str, Any]) -> None:
    """Writes JSON at once or not at all.

    Raises:
        OSError: if the disk is full.
    """
    with outputs.whole(path) as unfinished:
        unfinished.write_text(json.dumps(values, indent=2, allow_nan=False) + "\n")


def _domain(survey: Survey, domain: str) -> dict[str, Any]:
    songs = usable(survey, domain)
    return {
        "folder": survey.folders[domain],
        "songs": len(survey.of(domain)),
        "minutes": round(sum(song.facts.seconds for song in survey.of(domain)) / 60, 2),
        "songs_to_learn_from": len(songs),
        "minutes_to_learn_from": round(minutes(songs), 2),
        "minutes_probably_sung": round(sung(songs), 2),
        "passed_over": {kind: list(names) for kind, names in survey.found[domain].passed_over.items()},
        "unreadable": [dataclasses.asdict(item) for item in survey.unusable[domain]],
    }


def _song(song: Song) -> dict[str, Any]:
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
