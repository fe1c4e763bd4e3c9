"""Checks your data: measures two folders of songs before training, and gives advice.

    coverband survey --content songs/ --band my_band/
    coverband survey --content songs/ --band my_band/ --json survey.json --html survey.html

The report has length, format, silence, clipping, bandwidth, loudness, stereo width, tempo and tuning of every
song; duplicates, also under another name, in another format or in both folders; the amount of data, songs to
remove, differences between the folders that a model learns as style, and training times. With --try_presets
some steps of every preset are measured on this machine, which takes minutes. No file is changed. Measurements
are stored in the user's cache folder: an interrupted survey resumes, and `coverband prepare` reuses them.
"""

from __future__ import annotations

import os
from pathlib import Path

from absl import flags

from pipelines import console, outputs
from pipelines.errors import UserError


def main(argv: list[str]) -> None:
    """Measures the songs, prints tables and advice, and writes the requested files."""
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
    from coverband.training_times import measured_costs, training_costs
    from pipelines.data.survey import html_report, json_report, tables
    from pipelines.data.survey.advice import advise
    from pipelines.data.survey.survey import survey

    sources = {"content": Path(content.value), "band": Path(band.value)}
    report = survey(sources, jobs.value)
    advice, costs = advise(report), training_costs(report)
    if try_presets.value:
        costs = measured_costs(costs, jobs.value)
    print(f"\n{tables.domains(report)}\n\n{tables.songs(report)}\n")
    found = (tables.ignored_files(report), tables.duplicates(report))
    for text in (*found, tables.advice(advice), tables.training(costs)):
        if text:
            print(f"{text}\n")
    if json_file.value:
        json_report.write(Path(json_file.value), json_report.to_json(report, advice, costs))
    if html_file.value:
        html_report.write(Path(html_file.value), report, advice, costs)


def _require_writable(path: Path, flag: str) -> None:
    """Fails before the measurements, which take minutes, rather than after them."""
    if not path.absolute().parent.is_dir() or path.is_dir():
        raise UserError(f"{path} cannot be written: name a file in a folder that exists with {flag}")
    outputs.require_writable(path.parent, flag)


if __name__ == "__main__":
    console.run(main)
