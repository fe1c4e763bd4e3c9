"""Key of a listening test: turns the opaque names of sounds and trials back into systems and songs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from pipelines.errors import UserError
from pipelines.evaluation.listening.questions import QuestionKey
from pipelines.evaluation.results import Method

KEY_FILE = "key.json"
"""Name of the key in the folder of a listening test; the page does not load it."""

_FORMAT = "coverband-listening-key"


@dataclasses.dataclass(frozen=True)
class Sound:
    """A rated sound.

    Attributes:
        system: key of the system.
        song: name of the song.
    """

    system: str
    song: str


@dataclasses.dataclass(frozen=True)
class Trial:
    """One question about all systems' versions of one song.

    Attributes:
        question: see `QUESTIONS`.
        song: name of the song.
        sounds: opaque names of the rated sounds, sorted.
        references: opaque names of the open references.
        hidden_reference: the sound that should get 100; None if there is none.
    """

    question: QuestionKey
    song: str
    sounds: tuple[str, ...]
    references: tuple[str, ...]
    hidden_reference: str | None = None


@dataclasses.dataclass(frozen=True)
class Key:
    """Plan of a listening test and meaning of its opaque names.

    Attributes:
        test: identifies the test: results of another test are refused.
        systems: all systems, the truth included, in the evaluation's order.
        sounds: by opaque name.
        trials: by opaque name.
    """

    test: str
    systems: tuple[Method, ...]
    sounds: dict[str, Sound]
    trials: dict[str, Trial]

    @property
    def songs(self) -> list[str]:
        """Names of all songs, each once."""
        return list(dict.fromkeys(trial.song for trial in self.trials.values()))

    def save(self, folder: Path) -> Path:
        """Writes `KEY_FILE` into a folder that exists; returns its path."""
        path = folder / KEY_FILE
        values = {"format": _FORMAT, "version": 1, **dataclasses.asdict(self)}
        path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
        return path

    @classmethod
    def load(cls, folder: Path) -> Key:
        """Loads the key of a test's folder.

        Raises:
            UserError: if there is none, or it is damaged.
        """
        path = folder / KEY_FILE
        try:
            return cls._from_values(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise UserError(
                f"{path} does not exist: name a folder by `coverband evaluate --listening_test`"
            ) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{path} is no key of a listening test: write the test again") from error

    @classmethod
    def _from_values(cls, values: dict[str, Any]) -> Key:
        if values["format"] != _FORMAT:
            raise ValueError(values["format"])
        trials = {name: _trial(**each) for name, each in values["trials"].items()}
        sounds = {name: Sound(**each) for name, each in values["sounds"].items()}
        return cls(values["test"], tuple(Method(**each) for each in values["systems"]), sounds, trials)


def opaque_name(*parts: str) -> str:
    """Name of 12 hexadecimal digits that does not show what it stands for."""
    return hashlib.sha256(os.fsencode("\0".join(parts))).hexdigest()[:12]


def _trial(sounds: list[str], references: list[str], **others: Any) -> Trial:
    return Trial(sounds=tuple(sounds), references=tuple(references), **others)
