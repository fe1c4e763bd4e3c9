"""What of a model is kept for those who play with it."""

from __future__ import annotations

from pathlib import Path

from pipelines.audio.spec import AudioSpec
from pipelines.nn.translator import save_translator
from pipelines.training.protocol import Styled, Trainable


def save_model(folder: Path, model: Trainable, spec: AudioSpec) -> None:
    """Writes a model's translator, with its card, and its style encoder where it has one.

    Args:
        folder: made or replaced, whole or not at all.
        model: in training.
        spec: of its log-mels.
    """
    style = model.style_encoder if isinstance(model, Styled) else None
    save_translator(folder, model.translator, spec, model.translator_card(), style)
