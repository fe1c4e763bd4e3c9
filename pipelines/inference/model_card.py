"""Model card of an export: training, data, scores, licence, use and limits."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import UserError

if TYPE_CHECKING:  # it imports TensorFlow
    from pipelines.nn.translator import Translator

MODEL_CARD_FILE = "model_card.json"
"""File among the assets of a SavedModel."""

NOT_STATED = "not stated"

_USE = "Translates a recording into the sound of the band that it was trained on, or into a given style."
_LIMITS = (
    "Keeps the phase and the onsets of the source; translates vocals as if they were an instrument. Its user "
    "is responsible for translations of recordings without their rights holders' permission."
)


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """Model card: training, data, scores, licence, use and limits of a model.

    Attributes:
        family: model family.
        preset: preset that it was trained from.
        steps: number of training steps.
        sample_rate: of its waveforms, Hz.
        closeness: True if it has this dial, see `pipelines.nn.dials`.
        data: songs and minutes of its training data, by domain; or NOT_STATED.
        scores: scores of an evaluation, by name; or NOT_STATED.
        licence: of the model; or NOT_STATED.
        use: intended use.
        limits: known limits.
    """

    family: str
    preset: str
    steps: int
    sample_rate: int
    closeness: bool = False
    data: Mapping[str, Any] | str = NOT_STATED
    scores: Mapping[str, Any] | str = NOT_STATED
    licence: str = NOT_STATED
    use: str = _USE
    limits: str = _LIMITS

    @classmethod
    def from_translator(cls, translator: Translator, **fields: Any) -> ModelCard:
        """Card of a translator: its family, preset, steps and sample rate, and further fields."""
        card = translator.card
        rate = translator.spec.sample_rate
        return cls(card.family, card.preset, card.steps, rate, card.closeness, **fields)

    def save(self, folder: Path) -> Path:
        """Writes the card into a folder and returns its path."""
        path = folder / MODEL_CARD_FILE
        text = json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
        return path

    @classmethod
    def load(cls, folder: Path) -> ModelCard:
        """Loads the card of a folder.

        Raises:
            UserError: if there is none, or it is damaged.
        """
        path = folder / MODEL_CARD_FILE
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise UserError(f"{path} is missing or unreadable: export the model again") from error
