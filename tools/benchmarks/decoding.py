"""Measures speed and memory of the decoding of songs by Coverband and by libsndfile alone.

    python -m tools benchmark decoding --song a.mp3 --song b.flac --song concert.m4a

Both decode the whole file to float32 in blocks, alternately, in a process of their own: Coverband as in all
commands, libsndfile by the package soundfile, as in earlier versions.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

import soundfile
from absl import flags

from pipelines import console
from pipelines.audio import files
from tools.benchmarks import timing
from tools.benchmarks.tables import Cell, Row, Table
from tools.benchmarks.timing import Act, Spread

_BLOCK_SECONDS = 10.0


def main(argv: list[str]) -> None:
    """Prints a table with a row for each file."""
    values = flags.FlagValues()
    song = flags.DEFINE_multi_string("song", None, "Audio file.", required=True, flag_values=values)
    seconds = flags.DEFINE_float(
        "seconds", 10.0, "Duration of each side of a comparison.", lower_bound=0.1, flag_values=values
    )
    memory = flags.DEFINE_bool("memory", True, "Measure memory, too.", flag_values=values)
    console.parse(values, argv, __doc__)
    for name in song.value or []:
        files.info(name)  # raises a UserError for an unreadable file
    songs = console.progress(song.value or [], "decoding", unit="song")
    print(Table("Decoding", tuple(_row(Path(name), seconds.value, memory.value) for name in songs)))


def _row(song: Path, seconds: float, memory: bool) -> Row:
    makes = {"Coverband": functools.partial(by_coverband, song)}
    if _is_known_to_libsndfile(song):
        makes["libsndfile"] = functools.partial(by_libsndfile, song)
    times = timing.race(makes, seconds)
    rate = files.info(song).sample_rate
    duration = sum(len(block) for block in files.blocks(song, rate, _BLOCK_SECONDS)) / rate
    row: dict[str, Cell] = {"file": song.name, "minutes": f"{duration / 60:.1f}"}
    for side in ("Coverband", "libsndfile"):
        known = side in makes
        row[f"{side}, x real time"] = Spread.from_values(times[side]).per(duration) if known else None
        row[f"{side}, MB"] = timing.memory(makes[side]) if known and memory else None
    both = len(makes) == 2
    row["Coverband / libsndfile"] = timing.ratio(times["libsndfile"], times["Coverband"]) if both else None
    return row


def _is_known_to_libsndfile(song: Path) -> bool:
    try:
        return soundfile.info(os.fsencode(song)).frames > 0
    except soundfile.LibsndfileError:
        return False


def by_coverband(song: Path) -> Act:
    """Function that decodes a song as all commands do."""
    rate = files.info(song).sample_rate
    return lambda: sum(len(block) for block in files.blocks(song, rate, _BLOCK_SECONDS))


def by_libsndfile(song: Path) -> Act:
    """Function that decodes a song by libsndfile."""

    def decode() -> int:
        with soundfile.SoundFile(os.fsencode(song)) as file:
            blocks = file.blocks(round(_BLOCK_SECONDS * file.samplerate), dtype="float32", always_2d=True)
            return sum(len(block) for block in blocks)

    return decode


if __name__ == "__main__":
    console.run(main)
