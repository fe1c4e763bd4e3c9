"""Renders the transcriber's training data: many kinds of music by random ensembles, with the notes.

    python -m tools render transcription --out transcription_data --size small

Requires FluidSynth, SoundFonts (Debian: fluid-soundfont-gm, musescore-general-soundfont, opl3-soundfont, and
timgm6mb-soundfont for the test) and music21 (pip install "coverband[render]"). An interrupted run
resumes when it is started again. Files in the folder:

    audio/*.ogg, *.mp3      12 to 16 seconds each, 44.1 kHz, stereo, -23 LUFS
    notes/*.mid             notes of each recording; drums on channel 10
    recordings.json         catalogue: split, piece, SoundFont, programs, effects ...

The splits train, valid and test share no tune with each other, nor with the test sets of the benchmark and
the demo. The test has a SoundFont of its own.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from tools.rendering import repertoire, synth
from tools.rendering.repertoire import Work
from tools.rendering.transcription import catalogue, soundfont_check, sources, splits
from tools.rendering.transcription import scores as transcription_scores
from tools.rendering.transcription.held_out import held_out
from tools.rendering.transcription.plan import plan
from tools.rendering.transcription.recording import Recording
from tools.rendering.transcription.soundfonts import SoundFonts, find_soundfonts

SCORES = ".scores"
"""Cache of the scores, below the output folder."""


def main(argv: list[str]) -> None:
    """Renders what is missing, and writes the catalogue."""
    values = flags.FlagValues()
    folder = flags.DEFINE_string(
        "out", None, "Folder of the transcription data.", required=True, flag_values=values
    )
    size = flags.DEFINE_enum(
        "size",
        "small",
        list(splits.SIZES),
        "small is an hour of audio; full, five times that.",
        flag_values=values,
    )
    seed = flags.DEFINE_integer(
        "seed", 0, "Random seed of the plan and the performances.", flag_values=values
    )
    ensembles = flags.DEFINE_integer(
        "ensembles",
        1,
        "Number of recordings of every excerpt, each by other instruments, on one clock: lessons in what "
        "does not depend on them. The number of all recordings stays.",
        lower_bound=1,
        upper_bound=4,
        flag_values=values,
    )
    jobs = flags.DEFINE_integer("jobs", 2, "Number of processes.", lower_bound=1, flag_values=values)
    soundfont = flags.DEFINE_multi_string(
        "soundfont",
        [],
        "SoundFont for training, in place of those of Debian's packages.",
        flag_values=values,
    )
    test_soundfont = flags.DEFINE_string(
        "held_out", None, "SoundFont of the test, in place of TimGM6mb.sf2.", flag_values=values
    )
    console.parse(values, argv, __doc__)
    synth.require_fluidsynth()
    out, fonts = Path(folder.value), find_soundfonts(soundfont.value, test_soundfont.value)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--out {out} cannot be made ({error.strerror}): name another folder") from error
    recordings = _plan(out, fonts, splits.SIZES[size.value], (seed.value, ensembles.value), jobs.value)
    rows = catalogue.render_all(recordings, out, jobs.value)
    print(catalogue.table(rows))


def _plan(
    out: Path, fonts: SoundFonts, size: splits.Size, choice: tuple[int, int], jobs: int
) -> list[Recording]:
    """Plan for a seed and a number of ensembles."""
    seed, ensembles = choice
    works = _works(out / SCORES, size.scores, seed, jobs)
    instruments = {
        font: soundfont_check.instruments(font, out / SCORES, jobs)
        for font in [*fonts.training, fonts.held_out]
    }
    chosen = splits.split_works(works, size.recordings // ensembles, seed)
    return plan(chosen, fonts, instruments, seed, ensembles)


def _works(cache: Path, scores: int, seed: int, jobs: int) -> list[Work]:
    """Works of the transcription data: all but those of the test sets of the benchmark and the demo."""
    benchmark = repertoire.works(cache, jobs)
    others = transcription_scores.works(cache, sources.sources(scores, seed), jobs)
    excluded = held_out(benchmark, cache)
    return [work for work in [*benchmark, *others] if not excluded.contains(work.piece)]


if __name__ == "__main__":
    console.run(main)
