"""Card of a trained translator, and the folder that holds both; the folder's networks are in `translator`."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from pipelines.errors import UserError

MODEL_FILE = "translator.keras"
STYLE_FILE = "style.keras"
"""Of the style encoder, which not all models have."""
CARD_FILE = "card.json"
TRANSLATOR_FOLDER = "translator"
"""Folder of a training run for its newest translator."""
LOG_MEL, FIRST_FRAME, CLOSENESS = "log_mel", "first_frame", "closeness"
"""Names of a network's inputs, of which the first is required; see `translator.translate`."""


@dataclasses.dataclass(frozen=True)
class TranslatorCard:
    """Model card of a translator: its origin, its context and the frame counts that it accepts.

    Attributes:
        family: the model family that trained it, "cyclegan" for instance.
        preset: the preset it was trained from.
        steps: training steps done.
        context_frames: an output frame depends on no input frame further away than this, on either side.
        time_multiple: the number of frames given to the network must be a multiple of this.
        closeness: True if the network has this dial, see `pipelines.nn.dials`.
    """

    family: str
    preset: str
    steps: int
    context_frames: int
    time_multiple: int
    closeness: bool = False


def whole_folder(folder: Path) -> Path:
    """Path of the translator saved into `folder`: that, or the old copy after a kill between two renames."""
    return old_folder(folder) if not folder.exists() and old_folder(folder).is_dir() else folder


def old_folder(folder: Path) -> Path:
    """Path of the copy that a translator saved into `folder` replaces."""
    return folder.with_name(folder.name + ".old")


def load_card(folder: Path) -> TranslatorCard:
    """Reads the card that stands beside a translator.

    Raises:
        UserError: if it is missing or unreadable.
    """
    path = folder / CARD_FILE
    try:
        return TranslatorCard(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        remedy = rewriting(folder) or f"{folder} holds no translator, name one that training wrote"
        raise UserError(f"{path} is missing or unreadable: {remedy}") from error


def rewriting(folder: Path) -> str:
    """Advice on a damaged translator whose training run still has checkpoints; empty for any other.

    Args:
        folder: of the translator.
    """
    if folder.name != TRANSLATOR_FOLDER or not any((folder.parent / "checkpoints").glob("step-*.index")):
        return ""
    return f"`coverband train` with --resume and --workdir {folder.parent} writes it again"
