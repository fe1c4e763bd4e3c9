"""Training data and scores for an export's model card: the facts that are not stored in the model itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipelines.data.schema import DOMAINS, DomainManifest, Manifest
from pipelines.errors import UserError
from pipelines.evaluation.results import RESULT_FILE
from pipelines.inference.model_card import NOT_STATED


def data(folder: Path | None) -> dict[str, Any] | str:
    """Numbers of songs and minutes to train on in a data folder, by domain.

    Args:
        folder: written by `coverband prepare`; None if it is not named.

    Returns:
        "songs" and "minutes" by domain; `NOT_STATED` without a folder.

    Raises:
        UserError: if it is no data folder.
    """
    if folder is None:
        return NOT_STATED
    domains = Manifest.load(folder).domains
    return {name: _trained_on(domains[name]) for name in DOMAINS}


def scores(folder: Path | None, model: str) -> dict[str, Any] | str:
    """Scores of a model in an evaluation.

    Args:
        folder: written by `coverband evaluate`; None if it is not named.
        model: name of the model's folder, by which its row is found where there are several models.

    Returns:
        The settings of the evaluation, and by the column's heading mean, low and high; `NOT_STATED` without a
        folder.

    Raises:
        UserError: if it is no evaluation, or not one of this model.
    """
    if folder is None:
        return NOT_STATED
    path = folder / RESULT_FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        rows = [row for row in found["rows"] if row["method"]["kind"] == "model"]
        row = _only(rows, model, path)
        headings = {each["key"]: _heading(each) for each in found["columns"]}
        numbers = {headings[key]: estimate for key, estimate in row["estimates"].items()}
        return {"settings": found["settings"], "numbers": numbers}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is missing or damaged: evaluate the model with --out {folder} first"
        ) from error


def _heading(column: dict[str, Any]) -> str:
    return ", ".join(filter(None, (column["name"], column["unit"])))


def _only(rows: list[dict[str, Any]], model: str, path: Path) -> dict[str, Any]:
    named = [row for row in rows if row["method"]["key"] == model] if len(rows) > 1 else rows
    if len(named) != 1:
        raise UserError(f"{path} has no row of {model}: name the evaluation of this model with --scores")
    return named[0]


def _trained_on(domain: DomainManifest) -> dict[str, Any]:
    seconds = [song.seconds for song in domain.songs if song.split == "train"]
    return {"songs": len(seconds), "minutes": round(sum(seconds) / 60, 1)}
