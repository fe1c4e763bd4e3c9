"""Transcribes songs to MIDI files, and to pictures and pages of piano rolls.

    coverband transcribe --input song.mp3 --output song.mid
    coverband transcribe --input songs/ --output notes/

Beside every MIDI file, of the same name: a PNG that shows its note and drum posteriors, half a minute in each
row, and an HTML page that plays its notes. The MIDI file has a tempo map, whose quarter notes are the song's
beats, and velocities relative to the song's loud notes. All instruments share one track; drums are written as
bass drum, snare and cymbal. A song that is out of tune is tuned to A4 = 440 Hz before.
"""

from __future__ import annotations

import time
from pathlib import Path

from absl import flags

from pipelines import console, outputs
from pipelines.audio.song_files import require_songs
from pipelines.data.skipped_songs import SkipReport
from pipelines.errors import UserError


def main(argv: list[str]) -> None:
    """Transcribes the songs."""
    values = flags.FlagValues()
    inputs = flags.DEFINE_multi_string(
        "input", None, "A song, or a folder of songs.", required=True, flag_values=values
    )
    output = flags.DEFINE_string(
        "output",
        None,
        "One song: the .mid file to write. Several: a folder, where each keeps its name.",
        required=True,
        flag_values=values,
    )
    weights = flags.DEFINE_string(
        "transcriber",
        None,
        "The transcriber.npz of a training run (default: the one that comes with Coverband).",
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    jobs = _jobs([Path(name) for name in inputs.value or []], Path(output.value))
    # SciPy and Matplotlib take a second to load; a mistyped name should not cost it.
    from transcriber import array_transcriber, transcription

    transcriber = array_transcriber.load(Path(weights.value) if weights.value else None)
    failed = SkipReport("not transcribed")
    for song, target in jobs:
        began = time.monotonic()
        try:
            notes, seconds, tuning = transcription.write(transcriber, song, target)
        except UserError as error:
            if len(jobs) == 1:
                raise
            failed.add_error(song, error)
            continue
        factor = seconds / (time.monotonic() - began)
        tuned = f", {abs(tuning):.0f} cents {'sharp' if tuning > 0 else 'flat'}" if tuning else ""
        console.say(f"{target}: {notes} notes in {seconds:.0f} s of music{tuned}; {factor:.1f}x real time")
    failed.require_none(len(jobs), "transcribed")


def _jobs(inputs: list[Path], output: Path) -> list[tuple[Path, Path]]:
    """Songs with their output files."""
    founds = [require_songs(path, "with --input") for path in inputs]
    for path, found in zip(inputs, founds, strict=True):
        if found.ignored:
            console.say(f"ignored in {path}: {found.ignored_summary()}")
    songs = [(song, found) for found in founds for song in found.songs]
    if output.is_dir() or not output.suffix:
        outputs.require_writable(output, "--output")
        names = outputs.result_names([song.relative_to(found.root) for song, found in songs], ".mid")
        return _distinct([(song, output / name) for (song, _), name in zip(songs, names, strict=True)])
    outputs.require_writable(output.parent, "--output")
    if output.suffix != ".mid":
        raise UserError(f"{output} does not end in .mid: end it so, or make that folder first")
    if len(songs) > 1:
        raise UserError(f"{output} is one file, but several songs were named: name a folder with --output")
    return [(songs[0][0], output)]


def _distinct(jobs: list[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    """The jobs; raises a UserError if two have the same target, as songs of several folders may."""
    sources: dict[Path, Path] = {}
    for song, target in jobs:
        if (other := sources.setdefault(target, song)) != song:
            raise UserError(f"{other} and {song} would be written to {target}: transcribe one of them apart")
    return jobs


if __name__ == "__main__":
    console.run(main)
