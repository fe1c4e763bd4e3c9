"""Training data and scores of a model for its model card, from the data folder and an evaluation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipelines.data.schema import DOMAINS, DomainManifest, Manifest
from pipelines.errors import UserError
from pipelines.evaluation.results import RESULT_FILE
from pipelines.inference.model_card import NOT_STATED


def data(folder: Path | None) -> dict[str, Any] | str:
    """Number of songs and minutes of a data folder's train split, by domain.

    Args:
        folder: written by `coverband prepare`; None if the user names none.

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
        folder: written by `coverband evaluate`; None if the user names none.
        model: name of the model's folder, which selects its row if there are several models.

    Returns:
        The settings of the evaluation, and mean, low and high by column heading; `NOT_STATED` without a
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
