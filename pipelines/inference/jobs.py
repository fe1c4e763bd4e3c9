"""Translation jobs: pairs of a song and its cover, translated one after the other."""

from __future__ import annotations

import collections
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import console, outputs
from pipelines.audio import files
from pipelines.audio.song_files import require_songs
from pipelines.data.skipped_songs import SkipReport
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
    and finished covers are kept. Songs of kinds that cannot be written become wav files: "a.m4a" becomes
    "a.wav", or "a.m4a.wav" where another song has that name.

    Args:
        inputs: songs, and folders that are searched for songs.
        output: file or folder.
        overwrite: redo finished covers in a folder.

    Raises:
        UserError: if there is nothing to translate, the output's suffix is unknown or it cannot be written
            to, several songs would go to one file, or a song would be replaced by its own cover.
    """
    if not inputs:
        raise UserError("there is nothing to translate: name a song or a folder with --input")
    if output.suffix and not output.is_dir():
        jobs = [Job(_only_song(inputs, output), output, keep=False)]
        outputs.require_writable(output.parent, "--output")
    else:
        outputs.require_writable(output, "--output")
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
    failed = SkipReport("not translated")
    for job in jobs:
        try:
            console.say(_one(job, translator, strength))
        except UserError as error:
            if len(jobs) == 1:
                raise
            failed.add_error(job.source, error)
    failed.require_none(len(jobs), "translated")


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
    songs = [song for path in inputs for song in require_songs(path, "with --input").songs]
    if len(songs) > 1:
        raise UserError(
            f"{output} is one file, but several songs are to be translated: name a folder with --output"
        )
    if output.suffix.lower() not in files.SUFFIXES:
        known = ", ".join(files.SUFFIXES)
        raise UserError(f"{output} has no known audio suffix: end it in {known}, or make that folder first")
    return songs[0]


def _named(path: Path, output: Path) -> list[tuple[Path, Path]]:
    """The songs of one input, each with its cover's name below the output folder.

    Covers of an earlier run in that folder are no songs.
    """
    found, covers = require_songs(path, "with --input"), output.resolve()
    if found.ignored:
        console.say(f"ignored in {path}: {found.ignored_summary()}")
    songs = found.songs
    if path.is_dir():
        songs = tuple(song for song in songs if covers not in song.resolve().parents)
    if not songs:
        raise UserError(f"{output} holds all the songs of {path}: name another folder with --output")
    plain = [_cover_name(song.relative_to(found.root)) for song in songs]
    counts = collections.Counter(plain)
    return [
        (song, name if counts[name] == 1 else _cover_name(song.relative_to(found.root), keep_ending=True))
        for song, name in zip(songs, plain, strict=True)
    ]


def _cover_name(song: Path, *, keep_ending: bool = False) -> Path:
    """The name of a song's cover, which ends in .wav where songs of the same kind cannot be written.

    Args:
        song: path of the song below its folder.
        keep_ending: put .wav behind the song's ending, not in its place.
    """
    if song.suffix.lower() in files.SUFFIXES:
        return song
    return song.with_name(outputs.file_name(song.name if keep_ending else song.stem, ".wav"))


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
