"""The model card inside an export: what was trained on what, how good it is, and what may be done with it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.errors import UserError
from pipelines.nn.translator import Translator

MODEL_CARD_FILE = "model_card.json"
"""Among the assets of a SavedModel."""

NOT_STATED = "not stated"

_USE = "Plays a recording with the sound of the band that it was trained on, or with the style it was given."
_LIMITS = (
    "Keeps the source's phase and onsets; vocals come out as if they were an instrument; what it makes of a "
    "recording that its rights holder has not allowed is for its user to answer for."
)


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """Model card: the training, data, scores, licence, use and limits of a model.

    Attributes:
        family: model family.
        preset: preset that it was trained from.
        steps: number of training steps done.
        sample_rate: of its waveforms, Hz.
        data: songs and minutes that it was trained on, by domain; or NOT_STATED.
        scores: numbers that an evaluation measured, by name; or NOT_STATED.
        licence: under which it may be used; or NOT_STATED.
        use: what it is for.
        limits: what it cannot do.
    """

    family: str
    preset: str
    steps: int
    sample_rate: int
    data: Mapping[str, Any] | str = NOT_STATED
    scores: Mapping[str, Any] | str = NOT_STATED
    licence: str = NOT_STATED
    use: str = _USE
    limits: str = _LIMITS

    @classmethod
    def of(cls, translator: Translator, **known: Any) -> ModelCard:
        """Card of a translator: its family, preset, steps and sample rate, and further fields in `known`."""
        card = translator.card
        return cls(card.family, card.preset, card.steps, translator.spec.sample_rate, **known)

    def save(self, folder: Path) -> Path:
        """Writes the card into a folder; returns its path."""
        path = folder / MODEL_CARD_FILE
        plain = json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False)
        path.write_text(plain + "\n", encoding="utf-8")
        return path

    @classmethod
    def load(cls, folder: Path) -> ModelCard:
        """Reads what `save` wrote.

        Raises:
            UserError: if there is none, or it is damaged.
        """
        path = folder / MODEL_CARD_FILE
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise UserError(f"{path} is missing or unreadable: export the model again") from error
