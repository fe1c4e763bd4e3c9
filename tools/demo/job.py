"""The demo's stages, from folders of songs to the verdict."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pipelines.errors import UserError
from pipelines.evaluation.pairs import Pair, find_pairs
from tools.demo import scores, stages

CHECKPOINT_EVERY = 100
"""Steps; a minute's work, which is all that a kill may cost."""


VOCODER = "shipped"
"""Vocoder that converts the covers' log-mels to waveforms: the pretrained one that comes with Coverband.

On the held-out pieces it takes no longer than Griffin-Lim, and is nearer to the truth by M-STFT (1.46 against
1.54) and chroma (.916, .914), further by the log-mel (6.34 dB, 6.23).
"""


@dataclasses.dataclass(frozen=True)
class Folders:
    """Folders of the demo.

    Attributes:
        corpus: the songs, in content/, band/ and truth/.
        work: intermediate files, which later stages need.
        out: results, to be listened to and looked at.
    """

    corpus: Path
    work: Path
    out: Path

    @property
    def data(self) -> Path:
        """Data folder that `coverband prepare` writes."""
        return self.work / "data"

    def run(self, family: str) -> Path:
        """A family's training run."""
        return self.work / family

    def covers(self, family: str) -> Path:
        """Folder of the covers that `coverband translate` writes with a family's model."""
        return self.work / f"covers_{family}"

    @property
    def saved_model(self) -> Path:
        """Folder of the SavedModel that `coverband export` writes."""
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
class Contender:
    """A family that the demo trains.

    Attributes:
        row: of the table.
        family: its folder's name, and its command's.
        title: of the stage.
        steps: of training.
    """

    row: str
    family: str
    title: str
    steps: int


WINNER = Contender(scores.OURS, "vaegan", "Training a VAE-GAN on what the transcriber hears", 800)
"""Family whose covers are written: on the benchmark it comes nearest to the truth (see vaegan/README.md)."""

OTHER = Contender(scores.OTHER, "cyclegan", "Training a CycleGAN, to compare with", 800)


@dataclasses.dataclass(frozen=True)
class Training:
    """Training settings of the demo.

    Attributes:
        steps: number of training steps of every family; None for the demo's own.
        changes: of the presets, "FAMILY.key=value" each.
        compare: True if the other family is trained, too.
    """

    steps: int | None = None
    changes: tuple[str, ...] = ()
    compare: bool = True

    @property
    def contenders(self) -> tuple[Contender, ...]:
        """Families that are trained, the winner first."""
        return (WINNER, OTHER) if self.compare else (WINNER,)

    def require_families(self) -> None:
        """Refuses changes of anything else.

        Raises:
            UserError: naming the first of them.
        """
        families = [contender.family for contender in self.contenders]
        for change in self.changes:
            if change.partition(".")[0] not in families:
                raise UserError(
                    f"--set {change}: begin it with the family, {' or '.join(families)}, and a point"
                )

    def arguments(self, contender: Contender, folders: Folders) -> list[object]:
        """The command line of training; a run that is there already goes on."""
        run, prefix = folders.run(contender.family), f"{contender.family}."
        line: list[object] = [
            "--data",
            folders.data,
            "--workdir",
            run,
            "--steps",
            self.steps or contender.steps,
        ]
        line += ["--checkpoint_every", CHECKPOINT_EVERY, "--vocoder", VOCODER]
        line += [f"--set={each.removeprefix(prefix)}" for each in self.changes if each.startswith(prefix)]
        return [*line, "--resume"] if (run / "config.json").exists() else line


def run(folders: Folders, training: Training) -> None:
    """Runs the stages; those that are finished cost little when they are run again.

    Raises:
        UserError: if a folder is missing, or the claim fails.
        SystemExit: with the exit code of a command that failed.
    """
    folders.require_corpus()
    training.require_families()
    pairs = find_pairs(folders.corpus / "truth")
    count = len(training.contenders) + 3
    _run_commands(folders, training, pairs, count)
    with stages.stage(count, count, "Measuring, against what the band really plays"):
        # TensorFlow is loaded now, when training no longer needs the memory.
        from tools.demo import report

        covers = {each.row: folders.covers(each.family) for each in training.contenders}
        table = report.write(pairs, folders.data, folders.corpus / "band", covers, folders.out)
    print(f"\n{table.markdown()}")
    _say_what_next(folders, pairs)
    verdict = table.verdict()
    if not verdict.holds:
        raise UserError(f"the demo's claim fails: {verdict.sentence}")
    print(f"The demo's claim holds: {verdict.sentence}")


def _run_commands(folders: Folders, training: Training, pairs: list[Pair], count: int) -> None:
    """Everything up to the covers and the export."""
    with stages.stage(1, count, "Preparing two folders of songs (seconds)"):
        songs = ["--content", folders.corpus / "content", "--band", folders.corpus / "band"]
        stages.command("coverband.commands.prepare", *songs, "--out", folders.data, "--nosurvey")
    for number, contender in enumerate(training.contenders, 2):
        with stages.stage(number, count, f"{contender.title} (minutes), and playing the held-out pieces"):
            stages.command(f"{contender.family}.train", *training.arguments(contender, folders))
            inputs = [f"--input={pair.source}" for pair in pairs]
            model, covers = folders.run(contender.family), folders.covers(contender.family)
            stages.command(
                "coverband.commands.translate", "--model", model, *inputs, "--output", covers, "--overwrite"
            )
    with stages.stage(count - 1, count, "Exporting a SavedModel"):
        stages.command(
            "coverband.commands.export", "--model", folders.run(WINNER.family), "--out", folders.saved_model
        )


def _say_what_next(folders: Folders, pairs: list[Pair]) -> None:
    name, family = pairs[0].name, WINNER.family
    print(f"Listen to {folders.out}/{name}-1-source, -3-cover and -4-truth, and the other pieces.")
    print(f"Look at   {folders.out}/spectrograms.png")
    print(f"Learning  tensorboard --logdir {folders.work}")
    print("Your own  coverband prepare --content songs/ --band my_band/ --out data/")
    print(f"          coverband train {family} --data data/ --workdir runs/mine --vocoder {VOCODER}")
    print("          coverband translate --model runs/mine --input song.mp3 --output cover.wav\n", flush=True)
