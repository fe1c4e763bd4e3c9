"""Saving of a model's networks: translator, and style encoder and discriminator where it has them."""

from __future__ import annotations

from pathlib import Path

from pipelines.audio.spec import AudioSpec
from pipelines.nn.translator import DISCRIMINATOR_FILE, STYLE_FILE, save_translator
from pipelines.training.protocol import Adversarial, Styled, Trainable


def save_model(folder: Path, model: Trainable, spec: AudioSpec) -> None:
    """Writes a model's translator, with its card, and its style encoder and discriminator where it has them.

    Args:
        folder: made or replaced, whole or not at all.
        model: in training.
        spec: of its log-mels.
    """
    companions = {}
    if isinstance(model, Styled):
        companions[STYLE_FILE] = model.style_encoder
    if isinstance(model, Adversarial):
        companions[DISCRIMINATOR_FILE] = model.discriminator
    save_translator(folder, model.translator, spec, model.translator_card(), companions)
