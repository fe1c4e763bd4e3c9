"""Flags of the dials of a translation."""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines.errors import UserError
from pipelines.nn.dials import AUTOMATIC, Dials
from pipelines.nn.translator_card import TranslatorCard


class DialFlags:
    """Values of the flags, once they are parsed."""

    def __init__(self, values: flags.FlagValues) -> None:
        """Defines the flags.

        Args:
            values: of the command.
        """
        self._strength = flags.DEFINE_float(
            "strength",
            1.0,
            "From 0, the source's own sound, to 1, the band's.",
            lower_bound=0.0,
            upper_bound=1.0,
            flag_values=values,
        )
        self._closeness = flags.DEFINE_float(
            "closeness",
            AUTOMATIC,
            "From 0, free, to 1, as close to the song as the model can; at 0.5 as close as the song "
            "requires. For models that have this dial (vaegan).",
            lower_bound=0.0,
            upper_bound=1.0,
            flag_values=values,
        )

    @property
    def dials(self) -> Dials:
        """The dials."""
        return Dials(self._strength.value, self._closeness.value)

    def require_dial(self, model: Path, card: TranslatorCard) -> None:
        """Checks that a model has the dials that were chosen.

        Args:
            model: name of the model, for the error.
            card: of the model.

        Raises:
            UserError: if the model has no closeness, but one was chosen.
        """
        if self._closeness.value != AUTOMATIC and not card.closeness:
            raise UserError(
                f"{model} has no dial of closeness, as all {card.family} models: leave --closeness out, or "
                "name a vaegan"
            )
