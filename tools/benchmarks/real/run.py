"""Models on a corpus of `corpus`: prepares it, trains one model of each family, and evaluates them together.

    python -m tools benchmark real run --corpus real/obsidian --out real/obsidian/small
    python -m tools benchmark real run --corpus real/obsidian --out day --family vaegan --minutes 600

With the defaults, a family takes 15 minutes on two cores: 9 of training, and the preparation and evaluation
of its share. An interrupted run continues; a family that is trained already is only evaluated. The report is
OUT/report/report.html. A family that fails is reported, and the rest goes on.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from coverband.families import FAMILIES
from pipelines import console
from pipelines.errors import UserError
from tools import processes

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "vaegan": ("--preset", "vaegan_tiny"),
    "cyclegan": ("--preset", "cyclegan_tiny"),
    "content_decoder": (),
    "disentangled": (),
    "shared_latent": (),
}
"""Arguments of the families that translate, beside those that all have."""

MINUTES = 9.0
EXCERPT_SECONDS = 30
_FAILED = 1


def main(argv: list[str]) -> None:
    """Prepares, trains and evaluates."""
    values = flags.FlagValues()
    corpus = flags.DEFINE_string(
        "corpus", None, "Folder by `benchmark real corpus`.", required=True, flag_values=values
    )
    out = flags.DEFINE_string("out", None, "Folder for models and report.", required=True, flag_values=values)
    families = flags.DEFINE_multi_enum(
        "family", None, list(ARGUMENTS), "Families to train (default: all).", flag_values=values
    )
    minutes = flags.DEFINE_float(
        "minutes", MINUTES, "Minutes of training of each.", lower_bound=0.0, flag_values=values
    )
    console.parse(values, argv, __doc__)
    folder, target = (processes.argument_path(Path(each)) for each in (corpus.value, out.value))
    for domain in ("content", "band"):
        if not (folder / domain).is_dir():
            raise UserError(
                f"{folder} holds no folder {domain}: make it by `python -m tools benchmark real corpus`"
            )
    data = folder / "data"
    processes.run_command(
        "coverband.commands.prepare",
        *("--content", folder / "content", "--band", folder / "band", "--out", data, "--nosurvey"),
    )
    chosen = families.value or list(ARGUMENTS)
    trained = [name for name in chosen if _train(name, data, target / name, minutes.value)]
    models = [argument for name in trained for argument in ("--model", target / name)]
    processes.run_command(
        "coverband.commands.evaluate",
        *("--data", data, "--seconds", EXCERPT_SECONDS, "--judges", "--out", target / "report", *models),
    )


def _train(family: str, data: Path, workdir: Path, minutes: float) -> bool:
    """Trains a model, or continues its training; False if that fails."""
    started = (workdir / "config.json").is_file()
    arguments = ("--resume",) if started else ARGUMENTS[family]
    try:
        processes.run_command(
            FAMILIES[family].module,
            *("--data", data, "--workdir", workdir, "--minutes", minutes, "--vocoder", "shipped", *arguments),
        )
    except SystemExit as error:
        if error.code != _FAILED:  # interrupted
            raise
        console.say(f"{family} is left out: its training failed, as the lines above say")
        return False
    return True
