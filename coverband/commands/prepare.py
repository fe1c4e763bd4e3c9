"""Turns two folders of songs into a data folder to train on.

    coverband prepare --content songs/ --band my_band/ --out data/

The two folders share no song. Songs of any kind that FFmpeg reads are taken, at any rate, from subfolders and
linked folders, too; one song may stand in the place of a folder. Files that are no songs, or that cannot be
used, are named and left out. Run it again after an interruption, or when songs were added or changed: what is
finished is kept.

The songs are surveyed first, see `coverband survey --help`; what it advises stands below the table. Songs
that are there twice, or silent, can be left out:

    coverband prepare --content songs/ --band my_band/ --out data/ --drop duplicates,silence

The spectrograms' resolution is fixed here, for the models that are trained on the folder take it from there:

    coverband prepare --content songs/ --band my_band/ --out data_128/ --n_mels 128

Of a band with few recordings, models can hear every training song at other tempos, and at other pitches, too
(which made them worse where it was measured, see README.md):

    coverband prepare --content songs/ --band my_band/ --out data/ --augment_band 4

More than one machine: Apache Beam's runners, as pipelines/data/beam/README.md tells. Songs and data
folder lie on a disk that all machines share (it needs: pip install 'coverband[beam]'):

    coverband prepare --content songs/ --band my_band/ --out data/ --runner DirectRunner --jobs 2
    coverband prepare --content /share/songs --band /share/my_band --out /share/data --nosurvey \\
        --runner FlinkRunner --beam flink_master=host:8081 --beam parallelism=16 \\
        --beam environment_type=EXTERNAL --beam environment_config=localhost:50000
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.audio.checks import require_possible
from pipelines.audio.spec import AudioSpec
from pipelines.data import summary
from pipelines.data.augmented_copies import Variety
from pipelines.data.executors import Route
from pipelines.data.preparation import prepare
from pipelines.data.schema import Settings
from pipelines.data.survey.kinds import KINDS
from pipelines.errors import UserError


def main(argv: list[str]) -> None:
    """Prepares the data folder and prints what it holds."""
    values = flags.FlagValues()
    content = flags.DEFINE_string(
        "content", None, "Folder of generic songs.", required=True, flag_values=values
    )
    band = flags.DEFINE_string("band", None, "Folder of the band's songs.", required=True, flag_values=values)
    out = flags.DEFINE_string("out", None, "The data folder to write.", required=True, flag_values=values)
    jobs = flags.DEFINE_integer(
        "jobs", os.cpu_count() or 1, "Processes that decode.", lower_bound=1, flag_values=values
    )
    runner = flags.DEFINE_string(
        "runner",
        None,
        "Runner of Apache Beam: DirectRunner, FlinkRunner, SparkRunner, DataflowRunner or another that Beam "
        "knows (default: none, processes of this machine without Beam).",
        flag_values=values,
    )
    beam = flags.DEFINE_multi_string(
        "beam",
        [],
        "With --runner: an option of Beam for Python, name=value, or its name alone for a switch.",
        flag_values=values,
    )
    survey = flags.DEFINE_bool(
        "survey",
        True,
        "Survey the songs first and print advice; it is done anyway where --drop needs it.",
        flag_values=values,
    )
    drop = flags.DEFINE_list(
        "drop",
        [],
        f"Leave songs out by what the survey finds: {' or '.join(KINDS)}, or both with a comma.",
        flag_values=values,
    )
    augment_band = flags.DEFINE_integer(
        "augment_band",
        0,
        "Variants of each of the band's training songs, at other pitches and tempos.",
        lower_bound=0,
        flag_values=values,
    )
    augment_semitones = flags.DEFINE_float(
        "augment_semitones",
        Variety.semitones,
        "Their largest change of pitch, either way.",
        lower_bound=0,
        upper_bound=12,
        flag_values=values,
    )
    augment_tempo = flags.DEFINE_float(
        "augment_tempo",
        Variety.tempo,
        "Their largest change of tempo, either way, as a share.",
        lower_bound=0,
        upper_bound=0.5,
        flag_values=values,
    )
    _define_spec(values)
    console.parse(values, argv, __doc__)
    sources = {"content": Path(content.value), "band": Path(band.value)}
    copies = Variety(augment_band.value, augment_semitones.value, augment_tempo.value)
    left_out_kinds = _left_out_kinds(drop.value or [])
    executor = _route(runner.value, beam.value or [], jobs.value)
    first = None
    if survey.value or left_out_kinds:
        # librosa takes seconds to load; a mistyped flag should not cost them.
        from pipelines.data.survey.before_preparation import First

        first = First(sources, jobs.value, left_out_kinds)
    left_out = first.left_out if first else None
    settings = Settings(_spec(values))
    manifest = prepare(sources, Path(out.value), settings, jobs.value, copies, left_out, executor)
    print(summary.table(manifest))
    for sentence in summary.warnings(manifest):
        print(f"warning: {sentence}", file=sys.stderr)
    if first:
        print(first.advice(), end="")


def _define_spec(values: flags.FlagValues) -> None:
    """Flags named after the fields of an `AudioSpec`."""
    default = AudioSpec()
    flags.DEFINE_integer(
        "sample_rate",
        default.sample_rate,
        "Samples per second that songs are brought to.",
        lower_bound=8000,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "n_fft", default.n_fft, "Samples of a spectrogram's window.", lower_bound=16, flag_values=values
    )
    flags.DEFINE_integer(
        "hop_length", default.hop_length, "Samples between frames.", lower_bound=1, flag_values=values
    )
    flags.DEFINE_integer("n_mels", default.n_mels, "Mel bands.", lower_bound=1, flag_values=values)
    flags.DEFINE_float("fmin", default.fmin, "Lowest edge of the mel bands, Hz.", flag_values=values)
    flags.DEFINE_float(
        "fmax", None, "Highest edge of the mel bands, Hz (default: half the sample rate).", flag_values=values
    )


def _spec(values: flags.FlagValues) -> AudioSpec:
    """The audio spec of the flags.

    Raises:
        UserError: if it cannot work.
    """
    fmax = values.sample_rate / 2 if values.fmax is None else values.fmax
    spec = AudioSpec(
        sample_rate=values.sample_rate,
        n_fft=values.n_fft,
        hop_length=values.hop_length,
        n_mels=values.n_mels,
        fmin=values.fmin,
        fmax=fmax,
    )
    require_possible(spec)
    return spec


def _route(runner: str | None, options: list[str], jobs: int) -> Route | None:
    """The executor of --runner and --beam; None for this machine's processes."""
    if runner is None:
        if options:
            raise UserError(f"--beam {options[0]} is for a --runner: give one")
        return None
    from pipelines.data.beam.job import Job
    from pipelines.data.beam.launcher import under_beam

    return under_beam(Job(runner, tuple(option.removeprefix("--") for option in options), jobs))


def _left_out_kinds(names: list[str]) -> tuple[str, ...]:
    for name in names:
        if name not in KINDS:
            raise UserError(f"--drop {name} is not known: choose from {', '.join(KINDS)}")
    return tuple(names)


if __name__ == "__main__":
    console.run(main)
