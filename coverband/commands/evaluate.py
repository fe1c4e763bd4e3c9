"""Measures the quality of covers, with baselines for comparison.

    coverband evaluate --data data/ --model runs/mine --out report/
    coverband evaluate --data data/ --pairs bench/test/rock --model runs/a --model runs/b --out report/
    coverband evaluate --data data/ --pairs bench/test/rock --stylize merge --stylize musaic --out report/
    coverband evaluate --data data/ --model runs/mine --strength 0.5 --strength 0.75 --out report/
    coverband evaluate --data data/ --model runs/mine --out report/ --listening_test listening/

With --pairs (NAME.source.*, NAME.band.*, and NAME.notes.mid if there is a score) the sources are translated
and compared with the band's own recordings. Without, the content songs of the data folder's test split are
translated; content preservation and similarity to the band are measured, the distance to the truth is not.
The report is OUT/report.html; OUT/evaluation.md and OUT/evaluation.json have the same numbers, OUT/audio the
audio. After an interruption the same command resumes.

Songs with a singer's stem (NAME.source.vocals.* or NAME.source.instrumental.* beside a source; for a data
folder song.vocals.* or song.instrumental.* beside the song when it was prepared) give every model a second
row, in which it translates the accompaniment and the singer stays, and two columns: how much of the singer
and of the old accompaniment is left. Stems are no songs.

With --listening_test a page is also written on which people rate all systems without knowing which is which:
give them the folder page/ (it works from a disk and from any web host), keep key.json, and let `coverband
listening-results` read the files that they save.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

from absl import flags

from pipelines import console, outputs


def main(argv: list[str]) -> None:
    """Evaluates, prints the tables and writes the report."""
    values = flags.FlagValues()
    data = flags.DEFINE_string(
        "data",
        None,
        "A folder by `coverband prepare`, with the band to compare with.",
        required=True,
        flag_values=values,
    )
    pairs = flags.DEFINE_string(
        "pairs", None, "A folder of pairs: a song, and the band's recording of it.", flag_values=values
    )
    folders = flags.DEFINE_multi_string(
        "model",
        [],
        "A training run's --workdir, or a model by `coverband export`; none: baselines only.",
        flag_values=values,
    )
    name = flags.DEFINE_multi_string(
        "name", [], "A label for each --model, in order (default: its folder's name).", flag_values=values
    )
    strength = flags.DEFINE_multi_float(
        "strength",
        [],
        "Every model also gets a row at this strength, from 0, the source's own sound, to 1, the band's, "
        "which has a row in any case.",
        lower_bound=0.0,
        upper_bound=1.0,
        flag_values=values,
    )
    closeness = flags.DEFINE_multi_float(
        "closeness",
        [],
        "Every model also gets a row at this closeness, from 0, free, to 1, as close to the song as the "
        "model can, beside the automatic one, 0.5; for models that have this dial (vaegan).",
        lower_bound=0.0,
        upper_bound=1.0,
        flag_values=values,
    )
    vocoder = flags.DEFINE_string(
        "vocoder",
        None,
        "Every model also gets a row by this vocoder: the --workdir of a `coverband train vocoder` run, a "
        "vocoder.npz, or shipped for the one that comes with Coverband.",
        flag_values=values,
    )
    stylize = flags.DEFINE_multi_string(
        "stylize",
        [],
        "A row without training, in the sound of the band's songs: a preset of `coverband stylize`, with or "
        "without settings: deepmix,iterations=100.",
        flag_values=values,
    )
    songs = flags.DEFINE_integer(
        "songs",
        None,
        "Translate at most this many songs, evenly chosen; by default all.",
        lower_bound=1,
        flag_values=values,
    )
    seconds = flags.DEFINE_float(
        "seconds",
        None,
        "Translate an excerpt of this length from the middle of each song; by default all of it.",
        lower_bound=5.0,
        flag_values=values,
    )
    judges = flags.DEFINE_bool(
        "judges",
        False,
        "Measure also by published networks that no model is trained with: note F1 by basic-pitch (needs the "
        "extra judges) and distances of musicnn's features. Their weights, 20 MB, are fetched once.",
        flag_values=values,
    )
    jobs = flags.DEFINE_integer(
        "jobs", os.cpu_count() or 1, "Processes that measure.", lower_bound=1, flag_values=values
    )
    out = flags.DEFINE_string("out", None, "The folder for the report.", required=True, flag_values=values)
    listening = flags.DEFINE_string(
        "listening_test", None, "A folder for a listening test of all systems.", flag_values=values
    )
    listening_songs = flags.DEFINE_integer(
        "listening_songs",
        6,
        "Songs of the listening test, evenly chosen; a session should not last longer than half an hour.",
        lower_bound=1,
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    if listening.value:
        outputs.require_writable(Path(listening.value), "--listening_test")
    # TensorFlow takes seconds to load; a mistyped flag should not cost them.
    from pipelines.evaluation import job, models, tables
    from pipelines.evaluation.catalogue import COLUMNS
    from pipelines.evaluation.listening.band import band_songs
    from pipelines.evaluation.listening.writer import write_listening_test
    from pipelines.evaluation.report.page import write_report
    from styletransfer.evaluation import stylize_entries, stylize_system
    from transcriber.evaluation import TRANSCRIBER_COLUMNS

    entries = tuple(
        models.model_entries(folders.value, name.value, strength.value, vocoder.value, closeness.value)
    )
    untrained = tuple(functools.partial(stylize_system, each) for each in stylize_entries(stylize.value))
    config = job.EvaluationConfig(
        Path(data.value),
        Path(pairs.value) if pairs.value else None,
        entries,
        Path(out.value),
        jobs.value,
        untrained,
        songs.value,
        seconds.value,
        judges.value,
    )
    evaluation = job.evaluate(config, (*COLUMNS, *TRANSCRIBER_COLUMNS))
    print(f"\n{tables.terminal(evaluation)}\n")
    folder = config.out
    written = [
        evaluation.save(folder),
        tables.write_markdown(evaluation, folder),
        write_report(evaluation, folder),
    ]
    print(f"Numbers: {written[0]} and {written[1]}. Charts, tables and audio: {written[2]}")
    if listening.value:
        page = write_listening_test(
            evaluation, folder, Path(listening.value), band_songs(config), listening_songs.value
        )
        print(f"Listening test: give {page.parent} to listeners, and keep {page.parents[1] / 'key.json'}")


if __name__ == "__main__":
    console.run(main)
