"""Writer of a listening test: plan, sounds, page and key of an evaluation's systems and songs."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipelines.errors import UserError
from pipelines.evaluation.listening import excerpts
from pipelines.evaluation.listening.key import Key, Sound, Trial, opaque_name
from pipelines.evaluation.listening.material import (
    TRUTH,
    BandSong,
    SongExcerpts,
    copy_of_source,
    read_songs,
    warn_of_many,
)
from pipelines.evaluation.listening.page import CLIPS, PAGE_FILE, clip_script, write_page
from pipelines.evaluation.listening.questions import QUESTIONS
from pipelines.evaluation.results import Evaluation, Method

PAGE_FOLDER = "page"
"""Folder of the files for participants, in the test's folder."""


def write_listening_test(
    evaluation: Evaluation,
    folder: Path,
    out: Path,
    band: Sequence[BandSong],
    max_songs: int | None = None,
) -> Path:
    """Writes a listening test of all systems of an evaluation.

    Args:
        evaluation: the result.
        folder: folder to which its audio paths are relative.
        out: folder of the test: the page for participants in `PAGE_FOLDER`, and the key.
        band: songs of the band as open references, best ones that no system plays; two for each song.
        max_songs: of more songs, this many are chosen at equal distances; None uses all.

    Returns:
        The page.

    Raises:
        UserError: if there is no song of the band, no song with two sounds, or `out` cannot be written.
    """
    if not band:
        raise UserError("the listening test needs a song of the band as a reference, and there is none")
    read = list(read_songs(evaluation, folder, band, max_songs))
    if not read:
        raise UserError(f"{folder} has no song with two sounds to compare: evaluate one more system")
    warn_of_many(read)
    rate = evaluation.sample_rate
    target = excerpts.common_loudness((each for song in read for each in song.all), rate)
    clips = _Clips(rate, target, _test_name(read))
    trials = {name: trial for each in read for name, trial in _trials(each, evaluation, clips)}
    present = {sound.system for sound in clips.sounds.values()}
    systems = tuple(each for each in _methods(evaluation) if each.key in present)
    key = Key(clips.test, systems, clips.sounds, dict(sorted(trials.items())))
    return _write(out, key, clips)


class _Clips:
    """Files of a test's sounds, by opaque name.

    Attributes:
        test: name of the test, part of every opaque name.
        files: FLAC files.
        sounds: meaning of those that are rated.
    """

    def __init__(self, sample_rate: int, target: float, test: str) -> None:
        self.test = test
        self.files: dict[str, bytes] = {}
        self.sounds: dict[str, Sound] = {}
        self.sample_rate = sample_rate
        self._target = target

    def add_sound(self, waveform: np.ndarray, system: str, song: str) -> str:
        """Adds a rated sound; returns its opaque name."""
        name = self._add(waveform, "sound", system, song)
        self.sounds[name] = Sound(system, song)
        return name

    def add_reference(self, waveform: np.ndarray, *parts: str) -> str:
        """Adds an open reference; returns its opaque name."""
        return self._add(waveform, "reference", *parts)

    def _add(self, waveform: np.ndarray, *parts: str) -> str:
        name = opaque_name(self.test, *parts)
        levelled = excerpts.level(waveform, self.sample_rate, self._target)
        self.files[name] = excerpts.flac(levelled, self.sample_rate)
        return name


def _trials(each: SongExcerpts, evaluation: Evaluation, clips: _Clips) -> Iterator[tuple[str, Trial]]:
    """Opaque names and trials of both questions about a song; adds their sounds to the clips."""
    song = each.song
    names = {key: clips.add_sound(waveform, key, song.name) for key, waveform in each.systems.items()}
    references = {
        "content": (clips.add_reference(each.source, "content", song.name),),
        "style": tuple(
            clips.add_reference(waveform, "style", song.name, str(number))
            for number, waveform in enumerate(each.band)
        ),
    }
    hidden = {"content": names.get(copy_of_source(evaluation, song)), "style": names.get(TRUTH.key)}
    for question in QUESTIONS:
        trial = Trial(
            question.key,
            song.name,
            tuple(sorted(names.values())),
            references[question.key],
            hidden[question.key],
        )
        yield opaque_name(clips.test, "trial", question.key, song.name), trial


def _methods(evaluation: Evaluation) -> list[Method]:
    return [*(row.method for row in evaluation.rows), TRUTH]


def _test_name(read: Sequence[SongExcerpts]) -> str:
    """Name of the test, by its sounds: a second run gives the same, another evaluation another one."""
    digest = hashlib.sha256()
    for each in read:
        digest.update(json.dumps([each.song.name, *each.systems]).encode())
        for waveform in each.all:
            digest.update(np.ascontiguousarray(waveform, np.float32).tobytes())
    return digest.hexdigest()[:12]


def _write(out: Path, key: Key, clips: _Clips) -> Path:
    """Writes the page's folder and the key; sounds of an earlier test in the folder are removed."""
    folder = out / PAGE_FOLDER
    try:
        (folder / CLIPS).mkdir(parents=True, exist_ok=True)
        for old in (folder / CLIPS).glob(f"{'[0-9a-f]' * 12}.js"):
            old.unlink()
        for name, content in clips.files.items():
            script = clip_script(name, base64.b64encode(content).decode("ascii"))
            (folder / CLIPS / f"{name}.js").write_text(script, encoding="ascii")
        write_page(folder / PAGE_FILE, key, clips.sample_rate)
        key.save(out)
    except OSError as error:
        reason = f"{out} cannot be written ({error.strerror})"
        raise UserError(f"{reason}: name another --listening_test") from error
    return folder / PAGE_FILE
