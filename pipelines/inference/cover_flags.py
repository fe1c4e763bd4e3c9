"""Flags of a cover: its dials, the stem of its song, and what becomes of covers that exist."""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines.errors import UserError
from pipelines.inference.dial_flags import DialFlags
from pipelines.nn.dials import Dials
from pipelines.nn.translator_card import TranslatorCard
from pipelines.stems.files import Role, Stem
from pipelines.stems.separators import AUTO


class CoverFlags:
    """Values of the flags, once they are parsed."""

    def __init__(self, values: flags.FlagValues, vocals_help: str = "") -> None:
        """Defines the flags.

        Args:
            values: of the command.
            vocals_help: end of the help of --vocals.
        """
        self._dials = DialFlags(values)
        self._vocals = flags.DEFINE_string(
            "vocals",
            None,
            "The singer of the song alone: a file. The singer stays, the band plays the rest." + vocals_help,
            flag_values=values,
        )
        self._instrumental = flags.DEFINE_string(
            "instrumental",
            None,
            "The song without its singer: a file. The band plays it, the singer stays.",
            flag_values=values,
        )
        self._vocals_level = flags.DEFINE_float(
            "vocals_level",
            0.0,
            "Change of the singer's level, decibels; for songs with a stem.",
            lower_bound=-60.0,
            upper_bound=20.0,
            flag_values=values,
        )
        self._overwrite = flags.DEFINE_boolean(
            "overwrite", False, "Replace existing files in the output folder.", flag_values=values
        )

    @property
    def vocals_level(self) -> float:
        """Change of the singer's level, decibels."""
        return self._vocals_level.value

    @property
    def overwrite(self) -> bool:
        """True if existing covers in a folder are replaced."""
        return self._overwrite.value

    @property
    def is_to_be_separated(self) -> bool:
        """True for `--vocals auto`."""
        return self._vocals.value == AUTO

    def stem(self) -> Stem | None:
        """The stem that was named; None for one that is to be separated.

        Raises:
            UserError: if the flags contradict each other.
        """
        vocals, instrumental = self._vocals.value, self._instrumental.value
        if vocals is not None and instrumental is not None:
            raise UserError(
                "--vocals and --instrumental are two names of one division: name one of the stems"
            )
        if instrumental == AUTO:
            raise UserError("--instrumental auto is not possible: use --vocals auto, which does the same")
        if self.is_to_be_separated:
            return None
        if vocals is not None:
            return Stem(Path(vocals), Role.VOCALS)
        return None if instrumental is None else Stem(Path(instrumental), Role.INSTRUMENTAL)

    @property
    def dials(self) -> Dials:
        """The dials."""
        return self._dials.dials

    def require_dial(self, model: Path, card: TranslatorCard) -> None:
        """Checks that a model has the dials that were chosen; see `DialFlags.require_dial`."""
        self._dials.require_dial(model, card)

    def require_stem(self, has_stem: bool) -> None:
        """Checks that --vocals_level has a singer to change.

        Raises:
            UserError: if no song has a stem, but a level was chosen.
        """
        if self.vocals_level and not has_stem:
            raise UserError(
                "--vocals_level needs the singer alone: name a stem with --vocals or --instrumental"
            )
