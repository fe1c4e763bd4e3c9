"""Prepares a data folder for training from two folders of songs.

    coverband prepare --content songs/ --band my_band/ --out data/

The two folders must share no song. Any audio file that FFmpeg reads is a song, at any sample rate, also in
subfolders and linked folders; a single file may be given instead of a folder. Other files, and files that
cannot be used, are reported and left out. Run the command again after an interruption, or after songs were
added or changed: finished songs are kept.

Songs are split at random. A folder whose songs all lie in its subfolders train, valid and (if you like) test
keeps that split.

The songs are surveyed first (see `coverband survey --help`); advice is printed below the table. Duplicates
and silent songs can be left out:

    coverband prepare --content songs/ --band my_band/ --out data/ --drop duplicates,silence

The resolution of the spectrograms is set here; models take it from the data folder:

    coverband prepare --content songs/ --band my_band/ --out data_128/ --n_mels 128

For a band with few recordings, augmented copies of the training songs at other tempos can be added. Other
pitches are possible, too, but made models worse (see transcriber/README.md):

    coverband prepare --content songs/ --band my_band/ --out data/ --augment_band 4

To learn the band without its singer, who would leave voice-like sounds in the covers, the accompaniments of
its songs are prepared: song.instrumental.wav beside song.mp3 (or in the same place of another folder), else
the song minus song.vocals.wav, else what a program for source separation makes of the song:

    coverband prepare --content songs/ --band my_band/ --out data/ --instrumental_of_band my_stems/
    coverband prepare --content songs/ --band my_band/ --out data/ --instrumental_of_band auto \\
        --separator demucs

Preparation on several machines uses the runners of Apache Beam (pip install 'coverband[beam]'), see
pipelines/data/beam/README.md. Songs and data folder must be on a disk that all machines share:

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

from coverband import separator_flags
from pipelines import console
from pipelines.audio.spec import AudioSpec
from pipelines.audio.spec_validation import require_valid
from pipelines.data import summary
from pipelines.data.accompaniments import Accompaniments
from pipelines.data.augmented_copies import CopyConfig
from pipelines.data.executors import Executor
from pipelines.data.preparation import prepare
from pipelines.data.schema import Settings
from pipelines.data.survey.kinds import KINDS
from pipelines.errors import UserError
from pipelines.stems.separation import Separation
from pipelines.stems.separators import AUTO, ENVIRONMENT


def main(argv: list[str]) -> None:
    """Prepares the data folder and prints what it holds."""
    values = flags.FlagValues()
    content = flags.DEFINE_string(
        "content", None, "Folder of generic songs.", required=True, flag_values=values
    )
    band = flags.DEFINE_string("band", None, "Folder of the band's songs.", required=True, flag_values=values)
    out = flags.DEFINE_string("out", None, "The data folder to write.", required=True, flag_values=values)
    jobs = flags.DEFINE_integer(
        "jobs",
        os.cpu_count() or 1,
        "Number of processes that decode songs.",
        lower_bound=1,
        flag_values=values,
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
        "Survey the songs first and print advice; --drop implies it.",
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
        "Number of augmented copies of each of the band's training songs.",
        lower_bound=0,
        flag_values=values,
    )
    augment_semitones = flags.DEFINE_float(
        "augment_semitones",
        CopyConfig.semitones,
        "Largest pitch shift of the copies in either direction, semitones.",
        lower_bound=0,
        upper_bound=12,
        flag_values=values,
    )
    augment_tempo = flags.DEFINE_float(
        "augment_tempo",
        CopyConfig.tempo,
        "Largest change of tempo of the copies in either direction, as a fraction.",
        lower_bound=0,
        upper_bound=0.5,
        flag_values=values,
    )
    instrumental_of_band = flags.DEFINE_string(
        "instrumental_of_band",
        None,
        "Prepare the band's songs without their singer: a folder with the stems, or auto for those beside "
        "the songs. Songs without a stem are separated by the --separator, or left out.",
        flag_values=values,
    )
    separator, separator_timeout = separator_flags.define(values, "--instrumental_of_band")
    _define_spec(values)
    console.parse(values, argv, __doc__)
    sources = {"content": Path(content.value), "band": Path(band.value)}
    copies = CopyConfig(augment_band.value, augment_semitones.value, augment_tempo.value)
    dropped_kinds = _dropped_kinds(drop.value or [])
    executor = _executor(runner.value, beam.value or [], jobs.value)
    stems = _accompaniments(
        sources["band"], instrumental_of_band.value, separator.value, separator_timeout.value
    )
    check = None
    if survey.value or dropped_kinds:
        # librosa takes seconds to load; a mistyped flag should not cost them.
        from pipelines.data.survey.preparation_check import PreparationCheck

        check = PreparationCheck(sources, jobs.value, dropped_kinds, instrumental_band=stems is not None)
    find_excluded = check.excluded if check else None
    settings = Settings(_spec(values))
    manifest = prepare(sources, Path(out.value), settings, jobs.value, copies, find_excluded, executor, stems)
    print(summary.table(manifest))
    for sentence in summary.warnings(manifest):
        print(f"warning: {sentence}", file=sys.stderr)
    if check:
        print(check.advice(), end="")


def _define_spec(values: flags.FlagValues) -> None:
    """Flags named after the fields of an `AudioSpec`."""
    default = AudioSpec()
    flags.DEFINE_integer(
        "sample_rate",
        default.sample_rate,
        "Sample rate of the prepared songs, Hz.",
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
    """Audio spec of the flags.

    Raises:
        UserError: if the flags contradict each other.
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
    require_valid(spec)
    return spec


def _executor(runner: str | None, options: list[str], jobs: int) -> Executor | None:
    """Executor of --runner and --beam; None for processes of this machine."""
    if runner is None:
        if options:
            raise UserError(f"--beam {options[0]} is for a --runner: give one")
        return None
    from pipelines.data.beam.job import Job
    from pipelines.data.beam.launcher import beam_executor

    return beam_executor(Job(runner, tuple(option.removeprefix("--") for option in options), jobs))


def _accompaniments(
    band: Path, folder: str | None, separator: str | None, timeout: float | None
) -> Accompaniments | None:
    """Accompaniments of --instrumental_of_band and --separator; None for whole songs."""
    if folder is None:
        if separator or timeout:
            raise UserError(
                "--separator and --separator_timeout are for --instrumental_of_band: add it or leave them"
            )
        return None
    separation = None
    if separator or os.environ.get(ENVIRONMENT):
        separation = Separation.from_text(separator, "--instrumental_of_band", timeout)
    return Accompaniments.from_folders(band, None if folder == AUTO else Path(folder), separation)


def _dropped_kinds(names: list[str]) -> tuple[str, ...]:
    for name in names:
        if name not in KINDS:
            raise UserError(f"--drop {name} is not known: choose from {', '.join(KINDS)}")
    return tuple(names)


if __name__ == "__main__":
    console.run(main)
