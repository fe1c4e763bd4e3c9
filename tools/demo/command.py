"""Runs all commands of Coverband on the songs of the repository, in 10 to 40 minutes on two cores.

    python -m tools demo

It prepares the songs, plays three held-out pieces at once by the base of many bands, and again after two
minutes of training that start from it; trains a VAE-GAN with note posteriors of the transcriber, translates
the pieces into the band's sound, does the same with a CycleGAN for comparison, exports the VAE-GAN, and
measures the error of the covers to the band's own recordings. After an interruption the same command resumes.
The exit code is 1 if the VAE-GAN's covers are no better than the baselines.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from tools import processes
from tools.demo import DEMO_SONGS, pipeline


def main(argv: list[str]) -> None:
    """Runs the demo."""
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
        "steps", None, "Training steps of each model (default: 800).", lower_bound=1, flag_values=values
    )
    compare = flags.DEFINE_boolean(
        "compare",
        True,
        "Train the CycleGAN and the base for two minutes, too, which takes half of the time.",
        flag_values=values,
    )
    changes = flags.DEFINE_multi_string(
        "set",
        [],
        "Change of one setting of a family's preset: FAMILY.key=value, cyclegan.loss.cycle=5 for instance.",
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    corpus = Path(corpus_folder.value) if corpus_folder.value else DEMO_SONGS
    folders = pipeline.Folders(*map(processes.argument_path, (corpus, Path(workdir.value), Path(out.value))))
    pipeline.run(folders, pipeline.Training(steps.value, tuple(changes.value), compare.value))


if __name__ == "__main__":
    console.run(main)
