"""Renders the paired benchmark: songs to train on, and the truth to compare with.

    python -m tools render paired --out bench --size small

It needs FluidSynth, the SoundFont FluidR3_GM and music21 (pip install "coverband[render]"). A killed run goes
on when it is started again. Below the folder:

    content/*.ogg                   training songs of generic instruments
    bands/BAND/*.ogg                training songs of a rock, a brass, a baroque and a jazz band
    test/BAND/NAME.source.ogg ...   the same notes by a generic instrument and by the band, and NAME.notes.mid
    melody/BAND/NAME.source.ogg ... as in test/, of some of its pieces the highest voice alone
    judge/...                       the same pieces by all bands and several instruments, to train metrics on
    dev/BAND/...                    pairs of these, as in test/, to choose a recipe by
    catalogue.json                  every file with its measurements

No tune is in two of them, but for those of melody/.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from tools.rendering import repertoire, synth
from tools.rendering.paired import production
from tools.rendering.paired.plan import SIZES, plan

SCORES = ".scores"


def main(argv: list[str]) -> None:
    """Renders what is not there yet, then writes the catalogue."""
    values = flags.FlagValues()
    folder = flags.DEFINE_string("out", None, "Folder of the benchmark.", required=True, flag_values=values)
    size = flags.DEFINE_enum(
        "size",
        "small",
        list(SIZES),
        "small takes some ten minutes on two cores; full, twice that.",
        flag_values=values,
    )
    seed = flags.DEFINE_integer(
        "seed", 0, "Chooses and plays the pieces; the same seed gives the same files.", flag_values=values
    )
    soundfont_file = flags.DEFINE_string(
        "soundfont", None, "FluidR3_GM.sf2, if it is not in one of the usual places.", flag_values=values
    )
    jobs = flags.DEFINE_integer(
        "jobs", 2, "Songs that are rendered at a time.", lower_bound=1, flag_values=values
    )
    console.parse(values, argv, __doc__)
    synth.require_fluidsynth()
    out, soundfont = Path(folder.value), synth.find_soundfont(soundfont_file.value)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--out {out} cannot be made ({error.strerror}): name another folder") from error
    songs = plan(repertoire.works(out / SCORES, jobs.value), SIZES[size.value], seed.value)
    rows = production.render_all(songs, soundfont, out, jobs.value)
    print(production.table(rows))


if __name__ == "__main__":
    console.run(main)
