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

CONTENT = flags.DEFINE_string(
    "content", None, "Folder of generic songs: what is to be played.", required=True
)
BAND = flags.DEFINE_string("band", None, "Folder of the band's songs: who is to play it.", required=True)
OUT = flags.DEFINE_string("out", None, "The data folder to write.", required=True)
JOBS = flags.DEFINE_integer("jobs", os.cpu_count() or 1, "Processes that decode.", lower_bound=1)
RUNNER = flags.DEFINE_string(
    "runner",
    None,
    "Apache Beam's runner that prepares the songs: DirectRunner, FlinkRunner, SparkRunner, DataflowRunner or "
    "another that Beam knows (default: this machine's processes, without Beam).",
)
BEAM = flags.DEFINE_multi_string(
    "beam", [], "With --runner: an option of Beam for Python, name=value, or its name alone for a switch."
)

SURVEY = flags.DEFINE_bool(
    "survey", True, "Survey the songs first and print advice; it is done anyway where --drop needs it."
)
DROP = flags.DEFINE_list(
    "drop", [], f"Leave songs out by what the survey finds: {' or '.join(KINDS)}, or both with a comma."
)

_VARIETY = Variety()
AUGMENT_BAND = flags.DEFINE_integer(
    "augment_band",
    0,
    "Variants of each of the band's training songs, at other pitches and tempos.",
    lower_bound=0,
)
AUGMENT_SEMITONES = flags.DEFINE_float(
    "augment_semitones",
    _VARIETY.semitones,
    "Their largest change of pitch, either way.",
    lower_bound=0,
    upper_bound=12,
)
AUGMENT_TEMPO = flags.DEFINE_float(
    "augment_tempo",
    _VARIETY.tempo,
    "Their largest change of tempo, either way, as a share.",
    lower_bound=0,
    upper_bound=0.5,
)

_SPEC = AudioSpec()
SAMPLE_RATE = flags.DEFINE_integer(
    "sample_rate", _SPEC.sample_rate, "Samples per second that songs are brought to.", lower_bound=8000
)
N_FFT = flags.DEFINE_integer("n_fft", _SPEC.n_fft, "Samples of a spectrogram's window.", lower_bound=16)
HOP_LENGTH = flags.DEFINE_integer("hop_length", _SPEC.hop_length, "Samples between frames.", lower_bound=1)
N_MELS = flags.DEFINE_integer("n_mels", _SPEC.n_mels, "Mel bands.", lower_bound=1)
FMIN = flags.DEFINE_float("fmin", _SPEC.fmin, "Lowest edge of the mel bands, Hz.")
FMAX = flags.DEFINE_float("fmax", None, "Highest edge of the mel bands, Hz (default: half the sample rate).")


def main(argv: list[str]) -> None:
    """Prepares the data folder and prints what it holds."""
    console.require_no_arguments(argv)
    sources = {"content": Path(CONTENT.value), "band": Path(BAND.value)}
    variety = Variety(AUGMENT_BAND.value or 0, AUGMENT_SEMITONES.value, AUGMENT_TEMPO.value)
    drop, jobs, route = _drop(), JOBS.value or 1, _route()
    first = None
    if SURVEY.value or drop:
        # librosa takes seconds to load; a mistyped flag should not cost them.
        from pipelines.data.survey.before_preparation import First

        first = First(sources, jobs, drop)
    left_out = first.left_out if first else None
    manifest = prepare(sources, Path(OUT.value), Settings(spec()), jobs, variety, left_out, route)
    print(summary.table(manifest))
    for sentence in summary.warnings(manifest):
        print(f"warning: {sentence}", file=sys.stderr)
    if first:
        print(first.advice(), end="")


def _route() -> Route | None:
    if RUNNER.value is None:
        if BEAM.value:
            raise UserError(f"--beam {BEAM.value[0]} is for a --runner: give one")
        return None
    from pipelines.data.beam.job import Job
    from pipelines.data.beam.launcher import under_beam

    options = tuple(option.removeprefix("--") for option in BEAM.value or [])
    return under_beam(Job(RUNNER.value, options, JOBS.value or 1))


def _drop() -> tuple[str, ...]:
    for kind in DROP.value or []:
        if kind not in KINDS:
            raise UserError(f"--drop {kind} is not known: choose from {', '.join(KINDS)}")
    return tuple(DROP.value or [])


def spec() -> AudioSpec:
    """The audio spec that the flags ask for.

    Raises:
        UserError: if it cannot work.
    """
    highest = SAMPLE_RATE.value / 2 if FMAX.value is None else FMAX.value
    wanted = AudioSpec(
        sample_rate=SAMPLE_RATE.value,
        n_fft=N_FFT.value,
        hop_length=HOP_LENGTH.value,
        n_mels=N_MELS.value,
        fmin=FMIN.value,
        fmax=highest,
    )
    require_possible(wanted)
    return wanted


if __name__ == "__main__":
    console.run(main)
