"""Kinds of work that the Studio has done, each by command lines of `coverband`."""

from __future__ import annotations

import abc
import dataclasses
import sys
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, cast

from coverband.studio import speed
from coverband.studio.covered_song import SOURCE
from coverband.studio.home import Home
from pipelines.errors import UserError
from pipelines.nn.dials import AUTOMATIC
from pipelines.training.scores import BALANCE
from pipelines.training.workdir import CONFIG_FILE

CommandLine = list[str]
Vocoder = Literal["default", "shipped"]
"""Log-mel inversion: the model's own, Griffin-Lim by the song's phase for most; or the pretrained network."""

AT_ONCE = "at once"
"""Name of covers by the base of many bands."""
_USUAL_SPEED = 2.0
"""Steps per second that are assumed before the first training on this computer."""
_FEWEST_STEPS = 10
"""Steps between previews, which take as long as some steps."""


@dataclasses.dataclass(frozen=True)
class Work(abc.ABC):
    """Work on a band.

    Attributes:
        kind: name of the class in WORK.
        lane: works of one lane are done one after the other.
        band: name of the band.
    """

    kind: ClassVar[str]
    lane: ClassVar[str] = "short"
    band: str

    def after(self, names: Mapping[str, str], new: str | None) -> Work | None:
        """The work after a thing was renamed, or moved out.

        Args:
            names: of the thing, by fields: {"band": ..., "run": ...} of a run.
            new: new value of the last field; None if the thing was moved out.

        Returns:
            This work, if it is about something else; None, if the thing was moved out.
        """
        if any(getattr(self, field, None) != name for field, name in names.items()):
            return self
        return None if new is None else dataclasses.replace(self, **{list(names)[-1]: new})

    @abc.abstractmethod
    def command_lines(self, home: Home) -> list[CommandLine]:
        """Command lines, to be run one after the other; what was done already is not repeated.

        Raises:
            UserError: if something is missing.
        """


@dataclasses.dataclass(frozen=True)
class Survey(Work):
    """Survey of the songs."""

    kind = "survey"

    def command_lines(self, home: Home) -> list[CommandLine]:
        """See `Work`."""
        band = home.band(self.band)
        folders = ["--content", str(home.generic.songs), "--band", str(band.songs.songs)]
        return [_coverband("survey", *folders, "--json", str(band.survey))]


@dataclasses.dataclass(frozen=True)
class Train(Work):
    """Training of a run, new or going on.

    Attributes:
        run: name of the run.
        minutes: of the run in all.
        changes: of the preset, "key=value" each.
        base: True if a new run starts from the base of many bands.
    """

    kind = "train"
    lane = "training"
    run: str
    minutes: float
    changes: tuple[str, ...] = ()
    base: bool = False

    def command_lines(self, home: Home) -> list[CommandLine]:
        """See `Work`."""
        band = home.band(self.band)
        run, data = band.run(self.run), str(band.data)
        folders = ["--content", str(home.generic.songs), "--band", str(band.songs.songs)]
        prepare = _coverband("prepare", *folders, "--out", data, "--nosurvey")
        rate = speed.measured(home.all_runs) or _USUAL_SPEED
        train = _coverband("train", "vaegan", "--data", data, "--workdir", str(run))
        train += ["--minutes", f"{self.minutes:g}", "--keep_best", BALANCE, *_cadence(rate, self.minutes)]
        if (run / CONFIG_FILE).exists():
            return [prepare, [*train, "--resume"]]
        if self.base:
            train += ["--preset", "vaegan_base", "--init", "shipped"]
        return [prepare, [*train, *(f"--set={change}" for change in self.changes)]]


@dataclasses.dataclass(frozen=True)
class Translate(Work):
    """Translation of a song.

    Attributes:
        run: name of the run; empty for the base of many bands, with nothing trained.
        title: title of the song, a `CoveredSong`.
        strength: see `coverband translate`.
        closeness: likewise.
        vocals_level: likewise.
        vocoder: see `Vocoder`.
        style: band whose style the cover gets; empty for that of the model, or of this band.
    """

    kind = "translate"
    run: str
    title: str
    strength: float = 1.0
    closeness: float = AUTOMATIC
    vocals_level: float = 0.0
    vocoder: Vocoder = "default"
    style: str = ""

    def after(self, names: Mapping[str, str], new: str | None) -> Work | None:
        """See `Work`; it is also about the band whose style it has."""
        found = super().after(names, new)
        if found is None or dict(names) != {"band": self.style}:
            return found
        return None if new is None else dataclasses.replace(cast(Translate, found), style=new)

    @property
    def cover(self) -> str:
        """Name of the cover: the run, and what is not as usual."""
        taken = self.run.casefold().startswith((SOURCE, AT_ONCE))
        parts = [(f"by {self.run}" if taken else self.run) or AT_ONCE]
        if self.strength != 1:
            parts.append(f"strength {self.strength:.0%}")
        if self.closeness != AUTOMATIC:
            parts.append(f"closeness {self.closeness:.0%}")
        if self.vocals_level:
            parts.append(f"singer {self.vocals_level:+g} dB")
        if self.style:
            parts.append(f"style of {self.style}")
        if self.vocoder == "shipped":
            parts.append("neural vocoder")
        return ", ".join(parts)

    def command_lines(self, home: Home) -> list[CommandLine]:
        """See `Work`."""
        band = home.band(self.band)
        song = band.covered_song(self.title)
        line = _coverband("translate", "--input", str(song.source), "--output", str(song.cover(self.cover)))
        if self.run:
            line += ["--model", str(band.model(self.run))]
        line += [f"--strength={self.strength:g}", f"--closeness={self.closeness:g}"]
        if self.vocoder != "default":
            line += ["--vocoder", self.vocoder]
        if self.style or not self.run:
            line += ["--style", str(home.band(self.style or self.band).songs.songs)]
        if song.stem is not None:
            line += [
                f"--{song.stem.role.value}",
                str(song.stem.path),
                f"--vocals_level={self.vocals_level:g}",
            ]
        return [line]


@dataclasses.dataclass(frozen=True)
class Evaluate(Work):
    """Report on a run.

    Attributes:
        run: name of the run.
    """

    kind = "evaluate"
    run: str

    def command_lines(self, home: Home) -> list[CommandLine]:
        """See `Work`."""
        band = home.band(self.band)
        line = _coverband("evaluate", "--data", str(band.data), "--model", str(band.model(self.run)))
        line += ["--name", self.run]
        return [[*line, "--out", str(band.report(self.run)), "--songs", "6", "--seconds", "30"]]


@dataclasses.dataclass(frozen=True)
class Export(Work):
    """Export of a run for `coverband serve`.

    Attributes:
        run: name of the run.
    """

    kind = "export"
    run: str

    def command_lines(self, home: Home) -> list[CommandLine]:
        """See `Work`."""
        band = home.band(self.band)
        band.export(self.run).parent.mkdir(exist_ok=True)
        model = str(band.model(self.run))
        return [_coverband("export", "--model", model, "--out", str(band.export(self.run)))]


WORK: Mapping[str, type[Work]] = {each.kind: each for each in (Survey, Train, Translate, Evaluate, Export)}


def to_json(work: Work) -> dict[str, Any]:
    """JSON object of a work."""
    return {"kind": work.kind, **dataclasses.asdict(work)}


def from_json(values: Mapping[str, Any]) -> Work:
    """Work of a JSON object.

    Raises:
        UserError: if it is none.
    """
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    try:
        return WORK[str(fields.pop("kind"))](**fields)
    except (KeyError, TypeError) as error:
        raise UserError("a task is damaged: remove it from the folder tasks") from error


def _cadence(rate: float, minutes: float) -> list[str]:
    """Flags of a training for some previews in its time, and a checkpoint every minute.

    Args:
        rate: steps per second.
        minutes: of the training.
    """
    previews = 5 if minutes <= 15 else 10 if minutes <= 120 else 20
    summary_every = max(round(60 * minutes * rate / previews), _FEWEST_STEPS)
    checkpoint_every = max(round(60 * rate), _FEWEST_STEPS)
    return ["--summary_every", str(summary_every), "--checkpoint_every", str(checkpoint_every)]


def _coverband(*arguments: str) -> CommandLine:
    return [sys.executable, "-m", "coverband.cli", *arguments]
