"""Renders the lessons of the transcriber: many kinds of music by random ensembles, with the notes.

    python -m tools render transcription --out lessons --size small

It needs FluidSynth, SoundFonts (Debian: fluid-soundfont-gm, musescore-general-soundfont, opl3-soundfont, and
timgm6mb-soundfont for the test) and music21 (pip install "coverband[render]"). A killed run goes on when it
is started again. Below the folder:

    audio/*.ogg, *.mp3      12 to 16 seconds each, 44.1 kHz, stereo, -23 LUFS
    notes/*.mid             exactly what is played; drums on channel 10
    lessons.json            every lesson: split, piece, SoundFont, programs, effects ...

No tune occurs in two of the splits train, valid and test, and none is one that the benchmark or the demo
tests on. The test is played with a SoundFont of its own.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from tools.rendering import repertoire, synth
from tools.rendering.repertoire import Work
from tools.rendering.transcription import held_out, production, soundfont_check, sources, splits
from tools.rendering.transcription import scores as reading
from tools.rendering.transcription.plan import Lesson, plan
from tools.rendering.transcription.soundfonts import Orchestra, orchestra

SCORES = ".scores"


def main(argv: list[str]) -> None:
    """Renders what is not there yet, then writes the list."""
    values = flags.FlagValues()
    folder = flags.DEFINE_string("out", None, "Folder of the lessons.", required=True, flag_values=values)
    size = flags.DEFINE_enum(
        "size",
        "small",
        list(splits.SIZES),
        "small is an hour of sound; full, five times that.",
        flag_values=values,
    )
    seed = flags.DEFINE_integer(
        "seed", 0, "Chooses and plays the pieces; the same seed gives the same files.", flag_values=values
    )
    jobs = flags.DEFINE_integer(
        "jobs", 2, "Lessons that are rendered at a time.", lower_bound=1, flag_values=values
    )
    soundfont = flags.DEFINE_multi_string(
        "soundfont",
        [],
        "SoundFont to learn from, in place of those of Debian's packages.",
        flag_values=values,
    )
    held_out = flags.DEFINE_string(
        "held_out", None, "SoundFont of the test, in place of TimGM6mb.sf2.", flag_values=values
    )
    console.parse(values, argv, __doc__)
    synth.require_fluidsynth()
    out, fonts = Path(folder.value), orchestra(soundfont.value, held_out.value)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--out {out} cannot be made ({error.strerror}): name another folder") from error
    rows = production.render_all(
        _lessons(out, fonts, splits.SIZES[size.value], seed.value, jobs.value), out, jobs.value
    )
    print(production.table(rows))


def _lessons(out: Path, fonts: Orchestra, size: splits.Size, seed: int, jobs: int) -> list[Lesson]:
    takes = splits.deal(_works(out / SCORES, size.scores, seed, jobs), size.lessons, seed)
    instruments = {
        font: soundfont_check.instruments(font, out / SCORES, jobs)
        for font in [*fonts.taught, fonts.held_out]
    }
    return plan(takes, fonts, instruments, seed)


def _works(cache: Path, scores: int, seed: int, jobs: int) -> list[Work]:
    """Works allowed in the transcription data: those that neither the benchmark nor the demo tests on."""
    benchmark = repertoire.works(cache, jobs)
    more = reading.works(cache, sources.sources(scores, seed), jobs)
    forbidden = held_out.tested(benchmark, cache)
    return [work for work in [*benchmark, *more] if not forbidden.has(work.piece)]


if __name__ == "__main__":
    console.run(main)
