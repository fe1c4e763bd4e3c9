"""Translation jobs: pairs of a song and the file of its cover."""

from __future__ import annotations

import collections
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines import console, outputs
from pipelines.audio import files
from pipelines.audio.path_errors import similar
from pipelines.audio.song_files import require_songs
from pipelines.data.skipped_songs import SkipReport
from pipelines.errors import UserError
from pipelines.nn.dials import DIALS, Dials
from pipelines.signals import exit_on_signals
from pipelines.stems import files as stem_files
from pipelines.stems.files import Role, Stem

if TYPE_CHECKING:  # they import SciPy, which takes a second; wrong names are found before that
    from pipelines.inference.translate import SongTranslator
    from pipelines.stems.separation import Separation


@dataclasses.dataclass(frozen=True)
class Job:
    """Translation of one song.

    Attributes:
        source: the song.
        target: file of the cover.
        keep: skip the song if the target exists, so that an interrupted run over a folder can be resumed.
        stem: the song's voice or its accompaniment, or None.
    """

    source: Path
    target: Path
    keep: bool
    stem: Stem | None = None


def plan(inputs: list[Path], output: Path, *, overwrite: bool = False, stem: Stem | None = None) -> list[Job]:
    """Jobs of a command line.

    One song is written to the file `output`, replacing it, if `output` has a suffix and is no folder.
    Otherwise `output` is a folder: every song keeps its name and its subfolder of an input folder, and
    existing covers are kept. Songs whose format cannot be written become wav files: "a.m4a" becomes "a.wav",
    or "a.m4a.wav" if another song has that name. Stems among the inputs belong to their songs, see
    `stem_files.pair`.

    Args:
        inputs: songs, and folders that are searched for songs.
        output: file or folder.
        overwrite: replace existing covers in a folder.
        stem: of the only song.

    Raises:
        UserError: if there is no song, the output has an unknown suffix or cannot be written, several songs
            have the same target, a song would be replaced by its cover, or the stem is missing or of several
            songs.
    """
    if not inputs:
        raise UserError("there is nothing to translate: name a song or a folder with --input")
    if output.suffix and not output.is_dir():
        jobs = [_only_file_job(inputs, output)]
        outputs.require_writable(output.parent, "--output")
    else:
        outputs.require_writable(output, "--output")
        jobs = [
            Job(song, output / name, not overwrite)
            for path in inputs
            for song, name in _cover_names(path, output)
        ]
        stems = stem_files.pair([job.source for job in jobs])
        jobs = [dataclasses.replace(job, stem=stems[job.source]) for job in jobs if job.source in stems]
    if stem:
        jobs = [dataclasses.replace(_only_job(jobs, stem), stem=stem)]
    _require_distinct(jobs)
    return jobs


def run(
    jobs: list[Job],
    translator: SongTranslator,
    dials: Dials = DIALS,
    vocals_level: float = 0.0,
    separation: Separation | None = None,
) -> None:
    """Translates all songs; one that cannot be translated is reported, and the others continue.

    Args:
        jobs: as `plan` returns them.
        translator: of all songs.
        dials: of all songs.
        vocals_level: change of the voice's level in songs with a stem, decibels.
        separation: of the songs without a stem; None to translate them with their voices.

    Raises:
        UserError: at the end, if a song could not be translated.
    """
    failed = SkipReport("not translated")
    for job in jobs:
        if job.keep and job.target.exists():
            console.say(f"{job.target} exists already and is kept (--overwrite replaces it)")
            continue
        try:
            if separation and not job.stem:
                job = dataclasses.replace(job, stem=separation.stem(job.source, Role.VOCALS))
            console.say(_translate(job, translator, dials, vocals_level))
        except UserError as error:
            if len(jobs) == 1:
                raise
            if job.stem and str(error).startswith(str(job.stem)):
                failed.add(job.source, f"has a stem that does not fit: {error}")
            else:
                failed.add_error(job.source, error)
    failed.require_none(len(jobs), "translated")


def _translate(job: Job, translator: SongTranslator, dials: Dials, vocals_level: float) -> str:
    """Translates one song and returns a sentence on the result."""
    try:
        job.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{job.target.parent} cannot be made ({error.strerror}): write elsewhere") from error
    level = vocals_level if job.stem else 0.0
    with exit_on_signals():  # an unfinished cover is removed
        report = translator.translate_file(job.source, job.target, dials, stem=job.stem, vocals_level=level)
    return f"{job.target}: {report}"


def _only_job(jobs: list[Job], stem: Stem) -> Job:
    """The only job, after a check of its stem."""
    flag = f"--{stem.role.value}"
    if len(jobs) > 1:
        raise UserError(
            f"{flag} is of one song, but several are to be translated: in a folder, name the stem of "
            f"song.mp3 song.{stem.role.value}.wav and leave {flag} out"
        )
    if stem.path.is_dir():
        raise UserError(f"{stem.path} is a folder: name one file with {flag}")
    if not stem.path.exists():
        raise UserError(f"{stem.path} does not exist: {similar(stem.path)}")
    return jobs[0]


def _only_file_job(inputs: list[Path], output: Path) -> Job:
    found = [song for path in inputs for song in require_songs(path, "with --input").songs]
    stems = stem_files.pair(found)
    if len(stems) > 1:
        raise UserError(
            f"{output} is one file, but several songs are to be translated: name a folder with --output"
        )
    if output.suffix.lower() not in files.SUFFIXES:
        known = ", ".join(files.SUFFIXES)
        raise UserError(f"{output} has no known audio suffix: end it in {known}, or make that folder first")
    ((song, stem),) = stems.items()
    return Job(song, output, keep=False, stem=stem)


def _cover_names(path: Path, output: Path) -> list[tuple[Path, Path]]:
    """Songs of one input, each with the name of its cover below the output folder.

    Files in the output folder are covers of an earlier run, and are not translated.
    """
    found, covers = require_songs(path, "with --input"), output.resolve()
    if found.ignored:
        console.say(f"ignored in {path}: {found.ignored_summary()}")
    songs = found.songs
    if path.is_dir():
        songs = tuple(song for song in songs if covers not in song.resolve().parents)
    if not songs:
        raise UserError(f"{output} holds all the songs of {path}: name another folder with --output")
    # A format that cannot be written becomes wav.
    names = outputs.result_names([song.relative_to(found.root) for song in songs], ".wav", files.SUFFIXES)
    return list(zip(songs, names, strict=True))


def _require_distinct(jobs: list[Job]) -> None:
    """Raises a UserError if a target is a song, or the target of two songs."""
    sources = {job.source.resolve() for job in jobs}
    sources |= {job.stem.path.resolve() for job in jobs if job.stem}
    for job in jobs:
        if job.target.resolve() in sources:
            raise UserError(f"{job.target} would replace a song by its cover: name another --output")
    target, count = collections.Counter(job.target for job in jobs).most_common(1)[0]
    if count > 1:
        raise UserError(
            f"{count} songs would be written to {target}: rename them or translate them one at a time"
        )
