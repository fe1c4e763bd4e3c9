"""Answers of participants: reads and checks the JSON files that the listening test's page saves."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines import console
from pipelines.errors import UserError
from pipelines.evaluation.listening.key import Key

_FORMAT = "coverband-listening-results"


@dataclasses.dataclass(frozen=True)
class Participant:
    """Ratings of one participant.

    Attributes:
        name: random name that the page chose.
        ratings: from 0 to 100, by opaque trial name, then by opaque sound name; practice is left out.
    """

    name: str
    ratings: Mapping[str, Mapping[str, float]]


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files, and the .json files of the folders among these paths, each once.

    Raises:
        UserError: if there is no path, or a folder holds no .json file.
    """
    found: list[Path] = []
    for path in paths:
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not files:
            raise UserError(f"{path} holds no .json file: name the folder of the participants' results")
        found += files
    if not found:
        raise UserError("name the files that participants saved, or the folder that holds them")
    return list(dict.fromkeys(found))


def read_answers(paths: Sequence[Path], key: Key) -> list[Participant]:
    """Reads results; a warning names each file that cannot be used, and the rest is read.

    Of several files of one participant, the one with the most trials is used, the last of equal ones.

    Args:
        paths: files that the page saved.
        key: of the test.

    Raises:
        UserError: if not one file can be used.
    """
    found: dict[str, tuple[Path, Participant]] = {}
    for path in paths:
        try:
            read = path, _read(path, key)
        except UserError as error:
            console.say(f"warning: {error}: it is left out")
            continue
        name = read[1].name
        found[name] = _fuller(found[name], read) if name in found else read
    if not found:
        raise UserError("not one file has results of this test: see the warnings above")
    return [participant for _, participant in found.values()]


def _fuller(earlier: tuple[Path, Participant], later: tuple[Path, Participant]) -> tuple[Path, Participant]:
    """That of two files of one participant which has more trials, with a warning about the other one."""
    longer = len(later[1].ratings) >= len(earlier[1].ratings)
    kept, dropped = (later, earlier) if longer else (earlier, later)
    console.say(f"warning: {dropped[0]} is of the same participant as {kept[0]}: it is left out")
    return kept


def _read(path: Path, key: Key) -> Participant:
    values = _json(path)
    if not isinstance(values, dict) or values.get("format") != _FORMAT:
        raise UserError(f"{path} holds no results of a listening test")
    if values.get("test") != key.test:
        raise UserError(f"{path} is of another listening test, {values.get('test')} instead of {key.test}")
    try:
        trials = [each for each in values["trials"] if not each["practice"]]
        ratings = {each["trial"]: _ratings(each, key) for each in trials}
        participant = Participant(_name(values["participant"]), ratings)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path} is damaged ({_reason(error)})") from error
    if not participant.ratings:
        raise UserError(f"{path} has no rated trial")
    return participant


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is empty or damaged, for it is no JSON") from error


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("the participant has no name")
    return value


def _ratings(trial: Mapping[str, Any], key: Key) -> dict[str, float]:
    """Ratings of a trial, by opaque sound name."""
    if trial["trial"] not in key.trials:
        raise ValueError(f"trial {trial['trial']} does not exist")
    ratings = dict(trial["ratings"])
    if set(ratings) != set(key.trials[trial["trial"]].sounds):
        raise ValueError(f"trial {trial['trial']} rates other sounds than the test has")
    for value in ratings.values():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
            raise ValueError(f"trial {trial['trial']} has a rating {value!r} that is not from 0 to 100")
    return {name: float(value) for name, value in ratings.items()}


def _reason(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
