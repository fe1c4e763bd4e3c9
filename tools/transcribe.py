"""Writes down what is played: a MIDI file, and a picture of it.

    coverband transcribe --input song.mp3 --output song.mid
    coverband transcribe --input songs/ --output notes/

Beside every MIDI file a PNG of the same name shows what was heard, half a minute in each row.
Notes are written on one track, whoever plays them; drums as bass drum, snare and cymbal.
"""

from __future__ import annotations

import time
from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.audio.finding import find_some_songs
from pipelines.errors import UserError

INPUT = flags.DEFINE_multi_string("input", None, "A song, or a folder of songs.", required=True)
OUTPUT = flags.DEFINE_string(
    "output",
    None,
    "One song: the .mid file to write. Several: a folder, where each keeps its name.",
    required=True,
)
LISTENER = flags.DEFINE_string(
    "listener", None, "The listener.npz of a training run (default: the one that comes with Coverband)."
)


def main(argv: list[str]) -> None:
    """Transcribes every song that was named."""
    console.require_no_arguments(argv)
    jobs = _jobs([Path(name) for name in INPUT.value or []], Path(OUTPUT.value))
    # TensorFlow takes seconds to load; a mistyped name should not cost them.
    from tools import transcription

    listener = transcription.load(Path(LISTENER.value) if LISTENER.value else None)
    failed = []
    for song, target in jobs:
        began = time.monotonic()
        try:
            notes, seconds = transcription.write(listener, song, target)
        except UserError as error:
            if len(jobs) == 1:
                raise
            failed.append(song)
            console.say(f"not transcribed: {error}")
            continue
        factor = seconds / (time.monotonic() - began)
        console.say(f"{target}: {notes} notes in {seconds:.0f} s of music; {factor:.1f}x real time")
    if failed:
        raise UserError(f"{len(failed)} of {len(jobs)} songs could not be transcribed (see above)")


def _jobs(inputs: list[Path], output: Path) -> list[tuple[Path, Path]]:
    """Songs and the files that they become."""
    if output.suffix == ".mid" and not output.is_dir():
        if len(inputs) > 1 or inputs[0].is_dir():
            raise UserError(
                f"{output} is one file, but several songs were named: name a folder with --output"
            )
        return [(inputs[0], output)]
    if output.suffix and not output.is_dir():
        raise UserError(f"{output} does not end in .mid: end it so, or make that folder first")
    jobs = []
    for path in inputs:
        found = find_some_songs(path, "--input")
        jobs += [(song, output / song.relative_to(found.root).with_suffix(".mid")) for song in found.songs]
    _require_apart([target for _, target in jobs])
    return jobs


def _require_apart(targets: list[Path]) -> None:
    for target in set(targets):
        if targets.count(target) > 1:
            raise UserError(f"several songs would be written to {target}: transcribe them one at a time")


if __name__ == "__main__":
    console.run(main)
