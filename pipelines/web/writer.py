"""Writer of the page of a model, see `coverband export --format web`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from pipelines.errors import UserError
from pipelines.inference.export_folder import not_written
from pipelines.inference.model_card import ModelCard
from pipelines.outputs import whole
from pipelines.web.page import page

SUFFIX = ".html"


def require_page_name(path: Path) -> None:
    """Checks the name of a page.

    Raises:
        UserError: if it is not that of an HTML file.
    """
    if path.suffix.lower() != SUFFIX or path.is_dir():
        raise UserError(f"--format web writes one file: end --out {path} in {SUFFIX}")


def write_page(path: Path, folder: Path, name: str, **facts: Any) -> None:
    """Writes the page of an ONNX export.

    Args:
        path: of the file.
        folder: of the export.
        name: of the model.
        facts: fields of its model card that differ from those of the export.

    Raises:
        UserError: if the export is damaged, the page cannot run it, or the file cannot be written.
    """
    content = page(folder, name, dataclasses.replace(ModelCard.load(folder), **facts))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as unfinished:
            unfinished.write_bytes(content)
    except OSError as error:
        raise not_written(path, error) from error
