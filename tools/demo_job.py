"""The demo's stages, from folders of songs to the verdict."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pipelines.errors import UserError
from tools import stages
from tools.pairs import Pair, find_pairs

CHECKPOINT_EVERY = 100
"""Steps; a minute's work, which is all that a kill may cost."""

_STAGES = 5


@dataclasses.dataclass(frozen=True)
class Folders:
    """Where everything lies.

    Attributes:
        corpus: the songs, in content/, band/ and truth/.
        work: what later stages need.
        out: what is to be heard and looked at.
    """

    corpus: Path
    work: Path
    out: Path

    @property
    def data(self) -> Path:
        """What prepare writes."""
        return self.work / "data"

    @property
    def run(self) -> Path:
        """The training run."""
        return self.work / "cyclegan"

    @property
    def covers(self) -> Path:
        """What translate writes."""
        return self.work / "covers"

    @property
    def saved_model(self) -> Path:
        """What export writes."""
        return self.work / "saved_model"

    def require_corpus(self) -> None:
        """Looks for the songs.

        Raises:
            UserError: if they are not there.
        """
        for folder in ("content", "band", "truth"):
            if not (self.corpus / folder).is_dir():
                raise UserError(
                    f"{self.corpus / folder} is not there: run the demo in a checkout of Coverband's "
                    "repository, or name a folder with content/, band/ and truth/ by --corpus"
                )


@dataclasses.dataclass(frozen=True)
class Training:
    """How to train.

    Attributes:
        preset: of the CycleGAN.
        steps: None for the preset's.
        changes: of the preset, "key=value" each.
    """

    preset: str
    steps: int | None = None
    changes: tuple[str, ...] = ()

    def arguments(self, folders: Folders) -> list[object]:
        """The command line of training; a run that is there already goes on."""
        line: list[object] = ["--data", folders.data, "--workdir", folders.run, "--preset", self.preset]
        line += ["--checkpoint_every", CHECKPOINT_EVERY, *(f"--set={change}" for change in self.changes)]
        if self.steps is not None:
            line += ["--steps", self.steps]
        return [*line, "--resume"] if (folders.run / "config.json").exists() else line


def run(folders: Folders, training: Training) -> None:
    """Runs the stages; those that are finished cost little when they are run again.

    Raises:
        UserError: if a folder is missing, or the claim fails.
        SystemExit: with the exit code of a command that failed.
    """
    folders.require_corpus()
    pairs = find_pairs(folders.corpus / "truth")
    _run_commands(folders, training, pairs)
    with stages.stage(5, _STAGES, "Measuring, against what the band really plays"):
        # TensorFlow is loaded now, when training no longer needs the memory.
        from tools import demo_report

        table = demo_report.write(pairs, folders.data, folders.corpus / "band", folders.covers, folders.out)
    print(f"\n{table.markdown()}")
    _say_what_next(folders, pairs)
    verdict = table.verdict()
    if not verdict.holds:
        raise UserError(f"the demo's claim fails: {verdict.sentence}")
    print(f"The demo's claim holds: {verdict.sentence}")


def _run_commands(folders: Folders, training: Training, pairs: list[Pair]) -> None:
    """Everything up to the covers and the export."""
    with stages.stage(1, _STAGES, "Preparing two folders of songs (seconds)"):
        songs = ["--content", folders.corpus / "content", "--band", folders.corpus / "band"]
        stages.command("tools.prepare", *songs, "--out", folders.data)
    with stages.stage(2, _STAGES, "Training a CycleGAN (most of the time)"):
        stages.command("cyclegan.train", *training.arguments(folders))
    model = ["--model", folders.run]
    with stages.stage(3, _STAGES, "Playing the held-out pieces with the band's sound"):
        inputs = [f"--input={pair.source}" for pair in pairs]
        stages.command("tools.translate", *model, *inputs, "--output", folders.covers, "--overwrite")
    with stages.stage(4, _STAGES, "Exporting a SavedModel"):
        stages.command("tools.export", *model, "--out", folders.saved_model)


def _say_what_next(folders: Folders, pairs: list[Pair]) -> None:
    name = pairs[0].name
    print(f"Listen to {folders.out}/{name}-1-source, -3-cover and -4-truth, and the other pieces.")
    print(f"Look at   {folders.out}/spectrograms.png")
    print(f"Learning  tensorboard --logdir {folders.run}")
    print("Your own  coverband prepare --content songs/ --band my_band/ --out data/")
    print("          coverband train cyclegan --data data/ --workdir runs/mine")
    print("          coverband translate --model runs/mine --input song.mp3 --output cover.wav\n", flush=True)
