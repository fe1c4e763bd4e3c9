"""Which songs become which covers, and translating them one after the other."""

from __future__ import annotations

import collections
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import console
from pipelines.audio import files
from pipelines.audio.finding import find_some_songs
from pipelines.errors import UserError

if TYPE_CHECKING:  # it loads TensorFlow, which takes seconds; a mistyped name is told apart before that
    from pipelines.inference.translate import SongTranslator


@dataclasses.dataclass(frozen=True)
class Job:
    """One song to translate.

    Attributes:
        source: the song.
        target: the cover.
        keep: leave a target that exists as it is: so a run over a folder goes on where it was stopped.
    """

    source: Path
    target: Path
    keep: bool


def plan(inputs: list[Path], output: Path, *, overwrite: bool = False) -> list[Job]:
    """Pairs songs with covers.

    One song goes to the file `output`, replacing it, if `output` has a suffix and is no folder. Otherwise
    `output` is a folder: every song keeps its name, those found in an input folder their subfolder, too,
    and finished covers are kept.

    Args:
        inputs: songs, and folders that are searched for songs.
        output: file or folder.
        overwrite: redo finished covers in a folder.

    Raises:
        UserError: if there is nothing to translate, the output's suffix is unknown, several songs would go
            to one file, or a song would be replaced by its own cover.
    """
    if not inputs:
        raise UserError("there is nothing to translate: name a song or a folder with --input")
    if output.suffix and not output.is_dir():
        jobs = [Job(_only_song(inputs, output), output, keep=False)]
    else:
        jobs = [
            Job(song, output / name, not overwrite) for path in inputs for song, name in _named(path, output)
        ]
    _require_apart(jobs)
    return jobs


def run(jobs: list[Job], translator: SongTranslator, strength: float) -> None:
    """Translates every song; one that cannot be is reported, and the others go on.

    Raises:
        UserError: at the end, if a song could not be translated.
    """
    failed = []
    for job in jobs:
        try:
            console.say(_one(job, translator, strength))
        except UserError as error:
            if len(jobs) == 1:
                raise
            failed.append(job.source)
            console.say(f"not translated: {error}")
    if failed:
        names = ", ".join(str(path) for path in failed)
        raise UserError(f"{len(failed)} of {len(jobs)} songs could not be translated (see above): {names}")


def _one(job: Job, translator: SongTranslator, strength: float) -> str:
    """Translates one song and says how it went."""
    if job.keep and job.target.exists():
        return f"{job.target} is there already and is kept (--overwrite makes it again)"
    try:
        job.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{job.target.parent} cannot be made ({error.strerror}): write elsewhere") from error
    return f"{job.target}: {translator.file(job.source, job.target, strength)}"


def _only_song(inputs: list[Path], output: Path) -> Path:
    if len(inputs) > 1 or inputs[0].is_dir():
        raise UserError(
            f"{output} is one file, but several songs are to be translated: name a folder with --output"
        )
    if output.suffix.lower() not in files.SUFFIXES:
        known = ", ".join(files.SUFFIXES)
        raise UserError(f"{output} has no known audio suffix: end it in {known}, or make that folder first")
    return inputs[0]


def _named(path: Path, output: Path) -> list[tuple[Path, Path]]:
    """The songs of one input, each with its name below the output folder; earlier covers are no songs."""
    if not path.is_dir():
        return [(path, Path(path.name))]
    covers = output.resolve()
    found = find_some_songs(path, "--input")
    songs = [song for song in found.songs if covers not in song.resolve().parents]
    return [(song, song.relative_to(found.root)) for song in songs]


def _require_apart(jobs: list[Job]) -> None:
    """Refuses to write over a source, or two covers to one file."""
    sources = {job.source.resolve() for job in jobs}
    for job in jobs:
        if job.target.resolve() in sources:
            raise UserError(f"{job.target} would replace a song by its cover: name another --output")
    target, count = collections.Counter(job.target for job in jobs).most_common(1)[0]
    if count > 1:
        raise UserError(
            f"{count} songs would be written to {target}: rename them or translate them one at a time"
        )
