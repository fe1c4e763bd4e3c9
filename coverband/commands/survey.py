"""Measures two folders of songs before anything is trained on them, and says what it means.

    coverband survey --content songs/ --band my_band/
    coverband survey --content songs/ --band my_band/ --json survey.json --html survey.html

Length, format, silence, clipping, where the spectrum ends, loudness, stereo, tempo and tuning of every song;
songs that are there twice, under another name, in another format or on both sides; whether there is enough,
what to remove, which difference between the sides a model would learn as style, and how long training takes.
With --try_presets some steps of every preset are taken here, which takes minutes. No file is changed. What
was measured is kept in the user's cache folder: an interrupted survey goes on where it stopped, and
`coverband prepare` need not measure again.
"""

from __future__ import annotations

import os
from pathlib import Path

from absl import flags

from pipelines import console, outputs
from pipelines.errors import UserError


def main(argv: list[str]) -> None:
    """Surveys, prints tables and advice, writes the files that were asked for."""
    values = flags.FlagValues()
    content = flags.DEFINE_string(
        "content", None, "Folder of generic songs.", required=True, flag_values=values
    )
    band = flags.DEFINE_string("band", None, "Folder of the band's songs.", required=True, flag_values=values)
    json_file = flags.DEFINE_string("json", None, "A file for all numbers.", flag_values=values)
    html_file = flags.DEFINE_string(
        "html", None, "A file for a page with plots; it needs no other file.", flag_values=values
    )
    try_presets = flags.DEFINE_bool(
        "try_presets",
        False,
        "Measure some steps of every preset to estimate the training times on this machine.",
        flag_values=values,
    )
    jobs = flags.DEFINE_integer(
        "jobs", os.cpu_count() or 1, "Processes that measure.", lower_bound=1, flag_values=values
    )
    console.parse(values, argv, __doc__)
    for name, flag in ((json_file.value, "--json"), (html_file.value, "--html")):
        if name:
            _require_writable(Path(name), flag)
    # librosa and TensorFlow take seconds to load; a mistyped flag should not cost them.
    from coverband.training_times import trainings, tried
    from pipelines.data.survey import before_preparation, html_report, json_report, tables
    from pipelines.data.survey.advice import advise

    sources = {"content": Path(content.value), "band": Path(band.value)}
    survey = before_preparation.survey(sources, jobs.value)
    advice, training = advise(survey), trainings(survey)
    if try_presets.value:
        training = tried(training, jobs.value)
    print(f"\n{tables.domains(survey)}\n\n{tables.songs(survey)}\n")
    found = (tables.passed_over(survey), tables.duplicates(survey))
    for text in (*found, tables.advice(advice), tables.training(training)):
        if text:
            print(f"{text}\n")
    if json_file.value:
        json_report.write(Path(json_file.value), json_report.plain(survey, advice, training))
    if html_file.value:
        html_report.write(Path(html_file.value), survey, advice, training)


def _require_writable(path: Path, flag: str) -> None:
    """Fails before the measurements, which take minutes, rather than after them."""
    if not path.absolute().parent.is_dir() or path.is_dir():
        raise UserError(f"{path} cannot be written: name a file in a folder that exists with {flag}")
    outputs.require_writable(path.parent, flag)


if __name__ == "__main__":
    console.run(main)
