"""Commands of the demo, from folders of songs to the check of its claim."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pipelines.errors import UserError
from pipelines.evaluation.pairs import Pair, find_pairs
from tools import processes
from tools.demo import scores

CHECKPOINT_EVERY = 100
"""Steps between checkpoints, about a minute of training."""


@dataclasses.dataclass(frozen=True)
class Folders:
    """Folders of the demo.

    Attributes:
        corpus: songs in content/, band/ and truth/.
        work: intermediate files.
        out: results.
    """

    corpus: Path
    work: Path
    out: Path

    @property
    def data(self) -> Path:
        """Data folder that `coverband prepare` writes."""
        return self.work / "data"

    def run(self, name: str) -> Path:
        """Workdir of a model's training run."""
        return self.work / name

    def covers(self, name: str) -> Path:
        """Folder of the covers that `coverband translate` writes with a model."""
        return self.work / f"covers_{name}"

    @property
    def saved_model(self) -> Path:
        """Folder of the SavedModel that `coverband export` writes."""
        return self.work / "saved_model"

    def require_corpus(self) -> None:
        """Checks that the folders of songs exist.

        Raises:
            UserError: if one does not.
        """
        for folder in ("content", "band", "truth"):
            if not (self.corpus / folder).is_dir():
                raise UserError(
                    f"{self.corpus / folder} is not there: run the demo in a checkout of Coverband's "
                    "repository, or name a folder with content/, band/ and truth/ by --corpus"
                )


@dataclasses.dataclass(frozen=True)
class DemoModel:
    """Model that the demo trains.

    Attributes:
        row: name of its row in the table.
        name: name of its folder, and of its family unless that is given.
        title: heading of its training.
        steps: number of training steps.
        flags: further flags of the train command.
        trained_as: family whose command trains it; empty for `name`.
    """

    row: str
    name: str
    title: str
    steps: int
    flags: tuple[str, ...] = ()
    trained_as: str = ""

    @property
    def family(self) -> str:
        """Family whose command trains it."""
        return self.trained_as or self.name


AT_ONCE = "base"
"""Name, among the models, of the base of many bands, which the demo does not train."""

MAIN = DemoModel(scores.OURS, "vaegan", "Training a VAE-GAN with note posteriors of the transcriber", 800)
"""Model whose covers are written, the best one on the benchmark (see vaegan/README.md)."""

TWO_MINUTES = DemoModel(
    scores.TWO_MINUTES,
    "two_minutes",
    "Training the base of many bands on",
    120,
    ("--preset", "vaegan_base", "--init", "shipped"),
    "vaegan",
)

COMPARISON = DemoModel(scores.OTHER, "cyclegan", "Training a CycleGAN for comparison", 800)


@dataclasses.dataclass(frozen=True)
class Training:
    """Training settings of the demo.

    Attributes:
        steps: number of training steps of every model; None for the defaults of the demo.
        changes: changes of presets, "FAMILY.key=value" each.
        compare: True if the models to compare with are trained, too.
    """

    steps: int | None = None
    changes: tuple[str, ...] = ()
    compare: bool = True

    @property
    def models(self) -> tuple[DemoModel, ...]:
        """Models that are trained, in that order."""
        return (TWO_MINUTES, MAIN, COMPARISON) if self.compare else (MAIN,)

    def require_families(self) -> None:
        """Checks that all changes are of trained families.

        Raises:
            UserError: for the first other one.
        """
        families = [model.name for model in self.models if not model.trained_as]
        for change in self.changes:
            if change.partition(".")[0] not in families:
                raise UserError(f"--set {change}: begin with the family, {' or '.join(families)}, and a dot")

    def arguments(self, model: DemoModel, folders: Folders) -> list[object]:
        """Arguments of the train command; an existing run is resumed."""
        run, prefix = folders.run(model.name), f"{model.name}."
        line: list[object] = [
            "--data",
            folders.data,
            "--workdir",
            run,
            "--steps",
            self.steps or model.steps,
        ]
        line += ["--checkpoint_every", CHECKPOINT_EVERY]
        line += [f"--set={each.removeprefix(prefix)}" for each in self.changes if each.startswith(prefix)]
        return [*line, "--resume"] if (run / "config.json").exists() else [*line, *model.flags]


def run(folders: Folders, training: Training) -> None:
    """Runs all commands; finished ones take little time when they are run again.

    Raises:
        UserError: if a folder is missing, or the claim does not hold.
        SystemExit: with the exit code of a command that failed.
    """
    folders.require_corpus()
    training.require_families()
    pairs = find_pairs(folders.corpus / "truth")
    count = len(training.models) + 4
    _run_commands(folders, training, pairs, count)
    with processes.section(count, count, "Measuring the covers against the band's recordings"):
        # TensorFlow is imported here, since training needs the memory before.
        from tools.demo import report

        covers = {each.row: folders.covers(each.name) for each in training.models}
        covers[scores.AT_ONCE] = folders.covers(AT_ONCE)
        table = report.write(pairs, folders.data, folders.corpus / "band", covers, folders.out)
    print(f"\n{table.markdown()}")
    _print_next_steps(folders, pairs)
    claim = table.check_claim()
    if not claim.holds:
        raise UserError(f"the demo's claim fails: {claim.sentence}")
    print(f"The demo's claim holds: {claim.sentence}")


def _run_commands(folders: Folders, training: Training, pairs: list[Pair], count: int) -> None:
    """Runs the commands up to the covers and the export."""
    with processes.section(1, count, "Preparing two folders of songs (seconds)"):
        songs = ["--content", folders.corpus / "content", "--band", folders.corpus / "band"]
        processes.run_command("coverband.commands.prepare", *songs, "--out", folders.data, "--nosurvey")
    with processes.section(2, count, "Playing the held-out pieces at once, with nothing trained"):
        _translate(folders, pairs, AT_ONCE, "--style", folders.corpus / "band")
    for number, model in enumerate(training.models, 3):
        with processes.section(
            number, count, f"{model.title} (minutes), and translating the held-out pieces"
        ):
            processes.run_command(f"{model.family}.train", *training.arguments(model, folders))
            _translate(folders, pairs, model.name, "--model", folders.run(model.name))
    with processes.section(count - 1, count, "Exporting a SavedModel"):
        processes.run_command(
            "coverband.commands.export", "--model", folders.run(MAIN.name), "--out", folders.saved_model
        )


def _translate(folders: Folders, pairs: list[Pair], name: str, *model: object) -> None:
    inputs = [f"--input={pair.source}" for pair in pairs]
    output = ["--output", folders.covers(name), "--overwrite"]
    processes.run_command("coverband.commands.translate", *model, *inputs, *output)


def _print_next_steps(folders: Folders, pairs: list[Pair]) -> None:
    name, family = pairs[0].name, MAIN.family
    print(f"Listen to {folders.out}/{name}-1-source, -3-cover and -4-truth, and the other pieces.")
    print(f"Look at   {folders.out}/spectrograms.png")
    print(f"Learning  tensorboard --logdir {folders.work}")
    print("Your own  coverband translate --style my_band/ --input song.mp3 --output cover.wav")
    print("          coverband prepare --content songs/ --band my_band/ --out data/")
    print(f"          coverband train {family} --data data/ --workdir runs/mine")
    print("          coverband translate --model runs/mine --input song.mp3 --output cover.wav\n", flush=True)
