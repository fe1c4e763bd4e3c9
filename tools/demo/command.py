"""Coverband's whole job on the songs that come with the repository, in 15 to 30 minutes on two cores.

    python -m tools demo

It prepares the songs, trains a VAE-GAN on what the transcriber hears, plays three pieces that training has
never heard with the band's sound, does the same with a CycleGAN to compare with, exports the first, and
measures how near the covers come to what the band really plays. After an interruption the same command goes
on where it stopped. It exits with 1 if the VAE-GAN's covers are no better than the baselines.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from tools.demo import DEMO_SONGS, job, stages


def main(argv: list[str]) -> None:
    """Runs the demo as the flags say."""
    values = flags.FlagValues()
    corpus_folder = flags.DEFINE_string(
        "corpus",
        None,
        "Folder with content/, band/ and truth/ (default: tools/demo_songs in the repository).",
        flag_values=values,
    )
    out = flags.DEFINE_string(
        "out", "demo_out", "Folder for the songs, the picture and the table.", flag_values=values
    )
    workdir = flags.DEFINE_string(
        "workdir", "demo_run", "Folder for the data, the training runs and the export.", flag_values=values
    )
    steps = flags.DEFINE_integer(
        "steps", None, "Steps of each training (default: the demo's).", lower_bound=1, flag_values=values
    )
    compare = flags.DEFINE_boolean(
        "compare", True, "Trains the CycleGAN, too: half of the time.", flag_values=values
    )
    changes = flags.DEFINE_multi_string(
        "set",
        [],
        "Changes one setting of a family's preset: FAMILY.key=value, cyclegan.loss.cycle=5 for instance.",
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    corpus = Path(corpus_folder.value) if corpus_folder.value else DEMO_SONGS
    folders = job.Folders(*map(stages.reachable, (corpus, Path(workdir.value), Path(out.value))))
    job.run(folders, job.Training(steps.value, tuple(changes.value), compare.value))


if __name__ == "__main__":
    console.run(main)
