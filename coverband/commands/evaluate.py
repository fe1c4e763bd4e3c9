"""Measures how good covers are, beside baselines that every model has to beat.

    coverband evaluate --data data/ --model runs/mine --out report/
    coverband evaluate --data data/ --pairs bench/test/rock --model runs/a --model runs/b --out report/
    coverband evaluate --data data/ --pairs bench/test/rock --stylize merge --stylize musaic --out report/
    coverband evaluate --data data/ --model runs/mine --strength 0.5 --strength 0.75 --out report/

With --pairs (NAME.source.*, NAME.band.*, and NAME.notes.mid if there is a score) the sources are played and
compared with what the band really plays. Without, the content songs of the data folder's test split are
played: how much of the song is kept and how near the band is can be said, but not how near the truth is.
The report is OUT/report.html; OUT/evaluation.md and OUT/evaluation.json have the same numbers, OUT/audio the
sounds. After an interruption the same command goes on where it stopped.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

from absl import flags

from pipelines import console

DATA = flags.DEFINE_string(
    "data", None, "A folder by `coverband prepare`: the band to be measured by.", required=True
)
PAIRS = flags.DEFINE_string("pairs", None, "A folder of pairs: songs, and the same as the band plays them.")
MODEL = flags.DEFINE_multi_string(
    "model", [], "A training run's --workdir, or a model by `coverband export`; none: baselines only."
)
NAME = flags.DEFINE_multi_string(
    "name", [], "A label for each --model, in order (default: its folder's name)."
)
STRENGTH = flags.DEFINE_multi_float(
    "strength",
    [],
    "Every model also gets a row at this strength, from 0, the source's own sound, to 1, the band's, where "
    "it has its row anyway.",
    lower_bound=0.0,
    upper_bound=1.0,
)
VOCODER = flags.DEFINE_string(
    "vocoder",
    None,
    "Every model also gets a row by this vocoder: the --workdir of a `coverband train vocoder` run, a "
    "vocoder.npz, or shipped for the one that comes with Coverband.",
)
STYLIZE = flags.DEFINE_multi_string(
    "stylize",
    [],
    "A row without training, in the sound of the band's songs: a preset of `coverband stylize`, perhaps with "
    "settings: deepmix,iterations=100.",
)
SONGS = flags.DEFINE_integer(
    "songs", None, "Play at most so many songs, evenly chosen; by default all.", lower_bound=1
)
JOBS = flags.DEFINE_integer("jobs", os.cpu_count() or 1, "Processes that measure.", lower_bound=1)
OUT = flags.DEFINE_string("out", None, "The folder for the report.", required=True)


def main(argv: list[str]) -> None:
    """Evaluates, prints the tables and writes the report."""
    console.require_no_arguments(argv)
    # TensorFlow takes seconds to load; a mistyped flag should not cost them.
    from pipelines.evaluation import job, models, tables
    from pipelines.evaluation.catalogue import COLUMNS
    from pipelines.evaluation.report.page import write_report
    from styletransfer import evaluation as stylizing
    from transcriber.evaluation import HEARD

    pairs, out = Path(PAIRS.value) if PAIRS.value else None, Path(OUT.value)
    wanted = tuple(models.named(MODEL.value, NAME.value, STRENGTH.value, VOCODER.value))
    described = stylizing.described(STYLIZE.value)
    untrained = tuple(functools.partial(stylizing.system, each) for each in described)
    data, jobs = Path(DATA.value), JOBS.value or 1
    request = job.Request(data, pairs, wanted, out, jobs, untrained, SONGS.value)
    evaluation = job.evaluate(request, (*COLUMNS, *HEARD))
    print(f"\n{tables.terminal(evaluation)}\n")
    written = [evaluation.save(out), tables.write_markdown(evaluation, out), write_report(evaluation, out)]
    print(f"Numbers: {written[0]} and {written[1]}. Listen, look and compare: {written[2]}")


if __name__ == "__main__":
    console.run(main)
