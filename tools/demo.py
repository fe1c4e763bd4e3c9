"""Coverband's whole job on the songs that come with the repository, in about 15 minutes on two cores.

    coverband demo

It prepares the songs, trains a small CycleGAN, plays three pieces that training has never heard with the
band's sound, exports the model, and measures how near the covers come to what the band really plays. After
an interruption the same command goes on where it stopped. It exits with 1 if the covers are no better than
the baselines.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from tools import stages
from tools.pairs import DEMO_SONGS, Pair, find_pairs

CORPUS = flags.DEFINE_string(
    "corpus", None, "Folder with content/, band/ and truth/ (default: tools/demo_songs in the repository)."
)
OUT = flags.DEFINE_string("out", "demo_out", "Folder for the songs, the picture and the table.")
WORKDIR = flags.DEFINE_string("workdir", "demo_run", "Folder for the data, the training run and the export.")
PRESET = flags.DEFINE_string("preset", "cyclegan_tiny", "The preset to train.")
STEPS = flags.DEFINE_integer("steps", None, "Training steps (default: the preset's).", lower_bound=1)
SET = flags.DEFINE_multi_string("set", [], "Changes one setting of the preset, as for coverband train.")

CHECKPOINT_EVERY = 100
"""Steps; a minute's work, which is all that a kill may cost."""
_STAGES = 5


@dataclasses.dataclass(frozen=True)
class Folders:
    """Where everything lies.

    Attributes:
        corpus: the songs.
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


def main(argv: list[str]) -> None:
    """Runs the stages.

    Raises:
        UserError: if a folder is missing, or the claim fails.
        SystemExit: with the exit code of a command that failed.
    """
    console.require_no_arguments(argv)
    folders = _folders()
    pairs = find_pairs(folders.corpus / "truth")
    _run_commands(folders, pairs)
    with stages.stage(5, _STAGES, "Measuring, against what the band really plays"):
        # TensorFlow is loaded now, when training no longer needs the memory.
        from tools import demo_report

        table = demo_report.write(pairs, folders.data, folders.corpus / "band", folders.covers, folders.out)
    print(f"\n{table.markdown()}")
    verdict = table.verdict()
    _say_what_next(folders, pairs)
    if not verdict.holds:
        raise UserError(f"the demo's claim fails: {verdict.sentence}")
    print(f"The demo's claim holds: {verdict.sentence}")


def _folders() -> Folders:
    """The flags, checked.

    Raises:
        UserError: if there is no corpus.
    """
    corpus = Path(CORPUS.value) if CORPUS.value else DEMO_SONGS
    for folder in ("content", "band", "truth"):
        if not (corpus / folder).is_dir():
            raise UserError(
                f"{corpus / folder} is not there: run the demo in a checkout of Coverband's repository, or "
                "name a folder with content/, band/ and truth/ by --corpus"
            )
    return Folders(*(stages.reachable(path) for path in (corpus, Path(WORKDIR.value), Path(OUT.value))))


def _run_commands(folders: Folders, pairs: list[Pair]) -> None:
    """Everything up to the covers and the export."""
    songs = ["--content", folders.corpus / "content", "--band", folders.corpus / "band"]
    with stages.stage(1, _STAGES, "Preparing two folders of songs (seconds)"):
        stages.command("tools.prepare", *songs, "--out", folders.data)
    with stages.stage(2, _STAGES, "Training a CycleGAN (most of the time)"):
        stages.command("cyclegan.train", *_training(folders))
    with stages.stage(3, _STAGES, "Playing the held-out pieces with the band's sound"):
        inputs = [f"--input={pair.source}" for pair in pairs]
        model = ["--model", folders.run]
        stages.command("tools.translate", *model, *inputs, "--output", folders.covers, "--overwrite")
    with stages.stage(4, _STAGES, "Exporting a SavedModel"):
        stages.command("tools.export", *model, "--out", folders.saved_model)


def _training(folders: Folders) -> list[object]:
    """The command line of training; a run that is there already goes on."""
    arguments: list[object] = ["--data", folders.data, "--workdir", folders.run, "--preset", PRESET.value]
    arguments += ["--checkpoint_every", CHECKPOINT_EVERY, *(f"--set={change}" for change in SET.value)]
    if STEPS.value is not None:
        arguments += ["--steps", STEPS.value]
    if (folders.run / "config.json").exists():
        arguments.append("--resume")
    return arguments


def _say_what_next(folders: Folders, pairs: list[Pair]) -> None:
    name = pairs[0].name
    print(f"Listen to {folders.out}/{name}-1-source, -3-cover and -4-truth, and the other pieces.")
    print(f"Look at   {folders.out}/spectrograms.png")
    print(f"Learning  tensorboard --logdir {folders.run}")
    print("Your own  coverband prepare --content songs/ --band my_band/ --out data/")
    print("          coverband train cyclegan --data data/ --workdir runs/mine")
    print("          coverband translate --model runs/mine --input song.mp3 --output cover.wav\n")


if __name__ == "__main__":
    console.run(main)
