"""Renders the paired benchmark: training songs, and aligned test pairs with ground truth.

    python -m tools render paired --out bench --size small
    python -m tools render paired --out bench_timgm6mb --size small --soundfont timgm6mb

Requires FluidSynth, a SoundFont and music21 (pip install "coverband[render]"). The shipped weights were
trained on sounds of FluidR3_GM, the default, but of neither timgm6mb nor csound, by which the same pieces,
content and bands, are unseen sounds. An interrupted run resumes when it is started again; every SoundFont
needs a folder of its own. Files in the folder:

    content/*.ogg                   training songs of generic instruments
    bands/BAND/*.ogg                training songs of a rock, a brass, a baroque and a jazz band
    test/BAND/NAME.source.ogg ...   the same notes by a generic instrument and by the band, and NAME.notes.mid
    takes/BAND/NAME.band.ogg        a second take of the band, for `python -m tools benchmark ladder`
    melody/BAND/NAME.source.ogg ... as in test/, the highest voice of some of its pieces
    judge/...                       the same pieces by all bands and several instruments, to train metrics
    dev/BAND/...                    pairs of these, as in test/, for development
    catalogue.json                  every file with its measurements
    rendering.json                  size, seed, and name and SHA-256 of the SoundFont

No tune is in two of the folders, except for test/, takes/ and melody/, and for judge/ and dev/.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from tools.rendering import repertoire, soundfonts, synth
from tools.rendering.paired import catalogue
from tools.rendering.paired.ensembles import BANDS, GENERIC
from tools.rendering.paired.plan import SIZES, plan

SCORES = ".scores"
"""Cache of the scores, below the output folder."""


def main(argv: list[str]) -> None:
    """Renders what is missing, and writes the catalogue."""
    values = flags.FlagValues()
    folder = flags.DEFINE_string("out", None, "Folder of the benchmark.", required=True, flag_values=values)
    size = flags.DEFINE_enum(
        "size",
        "small",
        list(SIZES),
        "small takes about ten minutes on two cores; full, twice that.",
        flag_values=values,
    )
    seed = flags.DEFINE_integer(
        "seed", 0, "Random seed of the plan and the performances.", flag_values=values
    )
    soundfont_file = flags.DEFINE_string(
        "soundfont",
        "fluidr3",
        f"General MIDI SoundFont: a file, or one of {', '.join(soundfonts.NAMED)} if it is installed.",
        flag_values=values,
    )
    jobs = flags.DEFINE_integer("jobs", 2, "Number of processes.", lower_bound=1, flag_values=values)
    console.parse(values, argv, __doc__)
    synth.require_fluidsynth()
    out, soundfont = Path(folder.value), soundfonts.find_soundfont(soundfont_file.value)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--out {out} cannot be made ({error.strerror}): name another folder") from error
    ensembles = [*BANDS.values(), *GENERIC.values()]
    programs = {program for ensemble in ensembles for program in ensemble.programs}
    soundfonts.require_presets(soundfont, programs, {each.kit.program for each in ensembles if each.kit})
    recordings = plan(repertoire.works(out / SCORES, jobs.value), SIZES[size.value], seed.value)
    rows = catalogue.render_all(recordings, soundfont, out, jobs.value)
    catalogue.write_settings(out, soundfont, size.value, seed.value)
    print(catalogue.table(rows))


if __name__ == "__main__":
    console.run(main)
