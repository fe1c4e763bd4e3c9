"""Decoding of songs by FFmpeg beside libsndfile: how fast, and in how much memory.

    python -m tools benchmark decoding --song a.mp3 --song b.flac --song concert.m4a

Both decode the whole file to float32 in blocks, in turn, in a process of its own: FFmpeg as every command
does, libsndfile (the package soundfile) as earlier versions did.
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
    """Prints a row for each file."""
    values = flags.FlagValues()
    song = flags.DEFINE_multi_string("song", None, "A file to decode.", required=True, flag_values=values)
    seconds = flags.DEFINE_float(
        "seconds", 10.0, "For each side of each file.", lower_bound=0.1, flag_values=values
    )
    memory = flags.DEFINE_bool("memory", True, "Measure the memory, too.", flag_values=values)
    console.parse(values, argv, __doc__)
    for name in song.value or []:
        files.info(name)  # raises the sentence of a file that is none
    songs = console.progress(song.value or [], "decoding", unit="song")
    print(Table("Decoding", tuple(_row(Path(name), seconds.value, memory.value) for name in songs)))


def _row(song: Path, seconds: float, memory: bool) -> Row:
    makes = {"FFmpeg": functools.partial(by_ffmpeg, song)}
    if _is_known_to_libsndfile(song):
        makes["libsndfile"] = functools.partial(by_libsndfile, song)
    taken = timing.race(makes, seconds)
    rate = files.info(song).sample_rate
    music = sum(len(block) for block in files.blocks(song, rate, _BLOCK_SECONDS)) / rate
    row: dict[str, Cell] = {"file": song.name, "minutes": f"{music / 60:.1f}"}
    for side in ("FFmpeg", "libsndfile"):
        known = side in makes
        row[f"{side}, x real time"] = Spread.from_values(taken[side]).per(music) if known else None
        row[f"{side}, MB"] = timing.memory(makes[side]) if known and memory else None
    both = len(makes) == 2
    row["FFmpeg / libsndfile"] = timing.ratio(taken["libsndfile"], taken["FFmpeg"]) if both else None
    return row


def _is_known_to_libsndfile(song: Path) -> bool:
    try:
        return soundfile.info(os.fsencode(song)).frames > 0
    except soundfile.LibsndfileError:
        return False


def by_ffmpeg(song: Path) -> Act:
    """A function that decodes a song as Coverband does."""
    rate = files.info(song).sample_rate
    return lambda: sum(len(block) for block in files.blocks(song, rate, _BLOCK_SECONDS))


def by_libsndfile(song: Path) -> Act:
    """A function that decodes a song by libsndfile."""

    def decode() -> int:
        with soundfile.SoundFile(os.fsencode(song)) as file:
            blocks = file.blocks(round(_BLOCK_SECONDS * file.samplerate), dtype="float32", always_2d=True)
            return sum(len(block) for block in blocks)

    return decode


if __name__ == "__main__":
    console.run(main)
