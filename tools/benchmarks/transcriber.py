"""Accuracy of the transcriber (--transcriber), and its agreement across timbres and with other transcribers.

    python -m tools benchmark transcriber --lessons lessons/
    python -m tools benchmark transcriber --lessons lessons/ --transcriptions basic-pitch=their_midi/
    python -m tools benchmark transcriber --pairs bench/test/rock --pairs bench/test/brass
    python -m tools benchmark transcriber --recordings songs/ --transcriptions basic-pitch=their_midi/

Lessons: F1 over those of --split; no training piece is in valid or test, and test has a SoundFont of its own.
Pairs: F1 between the transcriptions of a song and of the same notes by the band, frame by frame; and of each
against the score, where there is one.
Recordings: F1 between its transcriptions and those of other programs, neither of which is the truth.
Transcriptions are MIDI files by another program, named as the lessons or recordings are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from absl import flags

from pipelines import console
from pipelines.audio.song_files import find_songs
from pipelines.errors import UserError
from pipelines.evaluation import baselines, pairs
from pipelines.metrics.notes_file import read_notes
from transcriber import checkpoint, piano_roll, songs, transcription_data
from transcriber.note_events import notes_of
from transcriber.scoring import frame_f1, note_f1, scores
from transcriber.transcriber import Transcriber

_NAMES = ("frame", "onset", "note", "drums")


def main(argv: list[str]) -> None:
    """Measures whatever was named."""
    values = flags.FlagValues()
    lessons = flags.DEFINE_string(
        "lessons", None, "A folder by python -m tools render transcription.", flag_values=values
    )
    split = flags.DEFINE_enum(
        "split", "test", list(transcription_data.SPLITS), "Which of its lessons.", flag_values=values
    )
    pairs = flags.DEFINE_multi_string(
        "pairs", [], "A folder of pairs, NAME.source and NAME.band.", flag_values=values
    )
    recordings = flags.DEFINE_string(
        "recordings", None, "A folder of songs without scores.", flag_values=values
    )
    transcriber = flags.DEFINE_string(
        "transcriber",
        None,
        "The transcriber.npz of a training run (default: the one that comes with Coverband).",
        flag_values=values,
    )
    transcriptions = flags.DEFINE_multi_string(
        "transcriptions",
        [],
        "LABEL=FOLDER: MIDI files by another program, one for each lesson or song.",
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    if not (lessons.value or pairs.value or recordings.value):
        raise UserError("there is nothing to measure on: name --lessons, --pairs or --recordings")
    model = checkpoint.load(Path(transcriber.value)) if transcriber.value else checkpoint.load()
    others = [_labelled(named) for named in transcriptions.value]
    if lessons.value:
        print("\n".join(_of_lessons(model, Path(lessons.value), split.value, others)))
    for folder in pairs.value:
        print("\n".join(_of_pairs(model, Path(folder))))
    if recordings.value:
        print("\n".join(_of_recordings(model, Path(recordings.value), others)))


def _of_lessons(
    transcriber: Transcriber, folder: Path, split: str, others: Sequence[tuple[str, Path]]
) -> list[str]:
    wanted = [each for each in transcription_data.catalogue(folder) if each.split == split]
    heard = transcription_data.heard(wanted, transcriber.spec, folder)
    rolls = [transcriber(each.log_mel) for each in console.progress(heard, "hear", unit="lesson")]
    lines = [f"{len(heard)} lessons of {folder}, {split}; mean F1", _row("", _NAMES)]
    values = scores(transcriber.spec, [(each.notes, each.drums, each.roll) for each in heard], rolls)
    lines.append(_row("transcriber", [f"{values.get(f'f1/{name}', np.nan):.3f}" for name in _NAMES]))
    return lines + [_of_others(transcriber, heard, label, folder) for label, folder in others]


def _of_others(
    transcriber: Transcriber, heard: Sequence[transcription_data.Heard], label: str, folder: Path
) -> str:
    values = np.array(
        [_of_notes(transcriber, each, read_notes(folder / f"{each.lesson.name}.mid")) for each in heard]
    )
    return _row(label, [f"{value:.3f}" for value in values.mean(axis=0)])


def _labelled(named: str) -> tuple[str, Path]:
    label, _, folder = named.partition("=")
    if not folder:
        raise UserError(f"--transcriptions {named}: write LABEL=FOLDER")
    return label, Path(folder)


def _of_notes(
    transcriber: Transcriber, lesson: transcription_data.Heard, found: np.ndarray
) -> tuple[float, float, float]:
    """F1 of frames, onsets and notes."""
    theirs = piano_roll.of_notes(transcriber.spec, found, np.zeros((0, 3)), len(lesson.log_mel))
    frames = frame_f1(lesson.roll.sounding, theirs.sounding)
    return frames, note_f1(lesson.notes, found), note_f1(lesson.notes, found, 0.2)


def _of_pairs(transcriber: Transcriber, folder: Path) -> list[str]:
    rows = [
        _of_pair(transcriber, pair)
        for pair in console.progress(pairs.find_pairs(folder), "hear", unit="pair")
    ]
    columns = [[value for value in column if not np.isnan(value)] for column in zip(*rows, strict=True)]
    means = [f"{np.mean(column):.3f}" if column else "-" for column in columns]
    names = ("alike", "source: frame", "onset", "band: frame", "onset")
    return [f"{len(rows)} pairs of {folder}; mean F1", _row("", names), _row("transcriber", means)]


def _of_pair(transcriber: Transcriber, pair: pairs.Pair) -> list[float]:
    """Source and band against each other; each against the score, where there is one."""
    rolls = [
        transcriber(baselines.log_mel(transcriber.spec, baselines.recording(transcriber.spec, path)))
        for path in (pair.source, pair.band)
    ]
    alike = frame_f1(rolls[0].sounding, rolls[1].sounding)
    if (score := pairs.notes_path(pair.source)) is None:
        return [alike] + [np.nan] * 4
    notes = read_notes(score)
    truth = piano_roll.of_notes(transcriber.spec, notes, np.zeros((0, 3)), len(rolls[0].sounding))
    against = [
        (frame_f1(truth.sounding, each.sounding), note_f1(notes, notes_of(transcriber.spec, each)))
        for each in rolls
    ]
    return [alike, *against[0], *against[1]]


def _of_recordings(transcriber: Transcriber, folder: Path, others: Sequence[tuple[str, Path]]) -> list[str]:
    """For each song and each other transcriber: F1 of frames and of onsets within 50 ms."""
    lines = [f"agreement on the songs of {folder}; F1", _row("", ("frame", "onset", "notes", "of theirs"))]
    for song in find_songs(folder).songs:
        heard = songs.hear(transcriber, song)
        for label, theirs in others:
            notes = read_notes(theirs / f"{song.stem}.mid")
            cells = _agreement(transcriber, heard, notes)
            lines += [f"{song.name}, {label}", _row("", cells)]
    return lines


def _agreement(transcriber: Transcriber, heard: piano_roll.Roll, theirs: np.ndarray) -> list[str]:
    ours = notes_of(transcriber.spec, heard)
    sounding = piano_roll.of_notes(transcriber.spec, theirs, np.zeros((0, 3)), len(heard.sounding)).sounding
    scores = frame_f1(sounding, heard.sounding), note_f1(theirs, ours)
    return [f"{score:.3f}" for score in scores] + [str(len(ours)), str(len(theirs))]


def _row(label: str, cells: Sequence[str]) -> str:
    return f"{label:<16}" + "".join(f"{cell:>15}" for cell in cells)


if __name__ == "__main__":
    console.run(main)
