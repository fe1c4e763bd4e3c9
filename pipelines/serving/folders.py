"""Discovery of exported models and their versions in folders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pipelines.errors import UserError
from pipelines.inference.model_folders import is_export
from pipelines.inference.onnx_folder import ONNX_FOLDER, is_onnx
from pipelines.nn.translator_card import MODEL_FILE, TRANSLATOR_FOLDER

ModelFolders = dict[str, dict[int, Path]]
"""Folders of SavedModels and ONNX exports: name of the model -> version -> folder."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def find(roots: Sequence[Path]) -> ModelFolders:
    """Finds models.

    Each root is an exported model, a training run with an ONNX export, a model (a folder of versions 1, 2,
    ..., each an exported model, as in TensorFlow Serving), or a folder of exported models and such folders.
    An exported model without versions is version 1.

    Args:
        roots: the folders.

    Raises:
        UserError: if a root does not exist, or two models have the same name.
    """
    found: ModelFolders = {}
    for root in roots:
        if not root.is_dir():
            raise UserError(f"{root} is not a folder: name an exported model, or a run, with --model")
        for name, versions in _models(root).items():
            if name in found:
                raise UserError(f"two models are called {name}: give one of their folders another name")
            found[name] = versions
    return found


def is_run(root: Path) -> bool:
    """True for the workdir of a training run."""
    return (root / TRANSLATOR_FOLDER / MODEL_FILE).is_file()


def _models(root: Path) -> ModelFolders:
    if is_run(root):
        export = root / ONNX_FOLDER
        return {_url_name(root): {1: export}} if is_onnx(export) else {}
    versions = _versions(root)
    if versions:
        return {_url_name(root): versions}
    folders = [folder for folder in sorted(root.iterdir()) if _NAME.fullmatch(folder.name)]
    return {folder.name: found for folder in folders if (found := _versions(folder))}


def _versions(folder: Path) -> dict[int, Path]:
    if _is_export(folder):
        return {1: folder}
    if not folder.is_dir():
        return {}
    return {int(each.name): each for each in folder.iterdir() if each.name.isdecimal() and _is_export(each)}


def _url_name(root: Path) -> str:
    """Name of a folder without the characters that a URL cannot have."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", root.resolve().name).lstrip("._-")
    return name or "model"


def _is_export(folder: Path) -> bool:
    return is_export(folder) or is_onnx(folder)
