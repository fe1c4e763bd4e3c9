"""Measures the transcriber: accuracy, and agreement across timbres and with other transcribers.

    python -m tools benchmark transcriber --data transcription_data/
    python -m tools benchmark transcriber --data transcription_data/ --transcriptions basic-pitch=their_midi/
    python -m tools benchmark transcriber --pairs bench/test/rock --pairs bench/test/brass
    python -m tools benchmark transcriber --pairs bench/test/rock --level 0 --level -3 --level -6
    python -m tools benchmark transcriber --recordings songs/ --transcriptions basic-pitch=their_midi/
    python -m tools benchmark transcriber --unpitched drums_and_speech/

Data: mean F1 over the recordings of --split; splits share no piece, and test has a SoundFont of its own.
Also F1 of the frames of each octave; and, where excerpts were rendered by several ensembles, frame F1 between
their transcriptions.
Pairs: frame F1 between the transcriptions of the source and of the band, and F1 of each against the score, if
there is one. Recordings: F1 between the transcriptions of the transcriber and of other programs, neither of
which is the truth. Variance: how unsure posteriors are (`pipelines.nn.source_view`). Unpitched: notes per
minute of recordings without pitches, all of them false. Levels are relative to the loudness of the training
data, at which recordings are transcribed otherwise. Transcriptions are MIDI files by another program with the
names of the recordings.
"""

from __future__ import annotations

import collections
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from absl import flags

from pipelines import console
from pipelines.audio.song_files import find_songs
from pipelines.errors import UserError
from pipelines.evaluation import baselines, pairs
from pipelines.metrics.notes_file import read_notes
from pipelines.nn.source_view import relative_variance
from tools.benchmarks.attenuation import attenuated
from transcriber import checkpoint, piano_roll, songs, transcription_data
from transcriber.note_events import notes_of
from transcriber.scoring import frame_f1, note_f1, octaves, scores
from transcriber.transcriber import Transcriber

_NAMES = ("frame", "onset", "note", "drums")


def main(argv: list[str]) -> None:
    """Prints the measurements of --data, --pairs and --recordings."""
    values = flags.FlagValues()
    data = flags.DEFINE_string(
        "data", None, "Folder written by `python -m tools render transcription`.", flag_values=values
    )
    split = flags.DEFINE_enum(
        "split", "test", list(transcription_data.SPLITS), "Split of --data.", flag_values=values
    )
    pairs_folders = flags.DEFINE_multi_string(
        "pairs", [], "Folder of pairs, NAME.source and NAME.band.", flag_values=values
    )
    recordings = flags.DEFINE_string(
        "recordings", None, "Folder of songs without scores.", flag_values=values
    )
    unpitched = flags.DEFINE_string(
        "unpitched", None, "Folder of recordings without pitches: drums, speech, noise.", flag_values=values
    )
    transcriber = flags.DEFINE_string(
        "transcriber",
        None,
        "The transcriber.npz of a training run (default: the pretrained one).",
        flag_values=values,
    )
    transcriptions = flags.DEFINE_multi_string(
        "transcriptions",
        [],
        "LABEL=FOLDER: MIDI files by another program, one for each recording.",
        flag_values=values,
    )
    levels = flags.DEFINE_multi_float(
        "level",
        [0.0],
        "Level of the recordings of --data and --pairs relative to the training loudness, dB.",
        upper_bound=0.0,
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    if not (data.value or pairs_folders.value or recordings.value or unpitched.value):
        raise UserError("name --data, --pairs, --recordings or --unpitched")
    model = checkpoint.load(Path(transcriber.value)) if transcriber.value else checkpoint.load()
    others = [_labelled(argument) for argument in transcriptions.value]
    if data.value:
        print("\n".join(_of_data(model, Path(data.value), split.value, others, levels.value)))
    for folder in pairs_folders.value:
        print("\n".join(_of_pairs(model, Path(folder), levels.value)))
    if recordings.value:
        print("\n".join(_of_recordings(model, Path(recordings.value), others)))
    if unpitched.value:
        print("\n".join(_of_unpitched(model, Path(unpitched.value))))


def _of_data(
    transcriber: Transcriber,
    folder: Path,
    split: str,
    others: Sequence[tuple[str, Path]],
    levels: Sequence[float],
) -> list[str]:
    chosen = [each for each in transcription_data.catalogue(folder) if each.split == split]
    examples = transcription_data.load_examples(chosen, transcriber.spec, folder)
    lines = [f"{len(examples)} recordings of {folder}, {split}; mean F1", _row("", _NAMES)]
    truths = [(each.notes, each.drums, each.roll) for each in examples]
    for level in levels:
        rolls = [
            transcriber(attenuated(transcriber.spec, each.log_mel, level))
            for each in console.progress(examples, "transcribe", unit="recording")
        ]
        values = scores(transcriber.spec, truths, rolls)
        cells = [f"{values.get(f'f1/{name}', np.nan):.3f}" for name in _NAMES]
        lines += [_row(_at("transcriber", level), cells), *agreement_of_twins(examples, rolls)]
        if not level:
            by_octave = octaves([(x.roll.sounding, y.sounding) for x, y in zip(examples, rolls, strict=True)])
            lines += [_row(f"frame, octave {number}", [f"{f1:.3f}"]) for number, f1 in by_octave.items()]
    return lines + [_of_others(transcriber, examples, label, folder) for label, folder in others]


def agreement_of_twins(
    examples: Sequence[transcription_data.Example], rolls: Sequence[piano_roll.Roll]
) -> list[str]:
    """Frame F1 between transcriptions of one excerpt by several ensembles; empty without twins."""
    excerpts = collections.defaultdict(list)
    for example, roll in zip(examples, rolls, strict=True):
        excerpts[example.recording.excerpt].append(roll.sounding)
    pairs_of_twins = [pair for group in excerpts.values() for pair in itertools.combinations(group, 2)]
    if not pairs_of_twins:
        return []
    agreement = np.mean([frame_f1(*pair) for pair in pairs_of_twins])
    return [_row("agreement of twins", [f"{agreement:.3f}", f"{len(pairs_of_twins)} pairs"])]


def _of_others(
    transcriber: Transcriber, examples: Sequence[transcription_data.Example], label: str, folder: Path
) -> str:
    values = np.array(
        [_of_notes(transcriber, each, read_notes(folder / f"{each.recording.name}.mid")) for each in examples]
    )
    return _row(label, [f"{value:.3f}" for value in values.mean(axis=0)])


def _labelled(argument: str) -> tuple[str, Path]:
    label, _, folder = argument.partition("=")
    if not folder:
        raise UserError(f"--transcriptions {argument}: write LABEL=FOLDER")
    return label, Path(folder)


def _of_notes(
    transcriber: Transcriber, example: transcription_data.Example, notes: np.ndarray
) -> tuple[float, float, float]:
    """F1 of frames, onsets and notes of another transcription."""
    roll = piano_roll.from_notes(transcriber.spec, notes, np.zeros((0, 3)), len(example.log_mel))
    frames = frame_f1(example.roll.sounding, roll.sounding)
    return frames, note_f1(example.notes, notes), note_f1(example.notes, notes, 0.2)


def _of_pairs(transcriber: Transcriber, folder: Path, levels: Sequence[float]) -> list[str]:
    found = pairs.find_pairs(folder)
    names = ("agreement", "source: frame", "onset", "band: frame", "onset", "variance")
    lines = [f"{len(found)} pairs of {folder}; mean F1", _row("", names)]
    for level in levels:
        rows = [
            _of_pair(transcriber, pair, level) for pair in console.progress(found, "transcribe", unit="pair")
        ]
        columns = [[value for value in column if not np.isnan(value)] for column in zip(*rows, strict=True)]
        means = [f"{np.mean(column):.3f}" if column else "-" for column in columns]
        lines.append(_row(_at("transcriber", level), means))
    return lines


def _at(name: str, level: float) -> str:
    return f"{name}, {level:g} dB" if level else name


def _of_pair(transcriber: Transcriber, pair: pairs.Pair, level: float) -> list[float]:
    """Agreement of source and band, F1 of each against the score, or NaN, and the source's variance."""
    spec = transcriber.spec
    log_mels = [baselines.log_mel(spec, baselines.recording(spec, path)) for path in (pair.source, pair.band)]
    rolls = [transcriber(attenuated(spec, log_mel, level)) for log_mel in log_mels]
    agreement = frame_f1(rolls[0].sounding, rolls[1].sounding)
    if (score := pairs.notes_path(pair.source)) is None:
        return [agreement, *[np.nan] * 4, _variance(rolls[0])]
    notes = read_notes(score)
    truth = piano_roll.from_notes(spec, notes, np.zeros((0, 3)), len(rolls[0].sounding))
    accuracies = [
        (frame_f1(truth.sounding, each.sounding), note_f1(notes, notes_of(spec, each))) for each in rolls
    ]
    return [agreement, *accuracies[0], *accuracies[1], _variance(rolls[0])]


def _variance(posteriors: piano_roll.Roll) -> float:
    """Mean of `relative_variance` over the frames of a recording."""
    return float(np.mean(relative_variance(posteriors.sounding[None].astype(np.float32))))


def _of_recordings(transcriber: Transcriber, folder: Path, others: Sequence[tuple[str, Path]]) -> list[str]:
    """F1 of frames and of onsets within 50 ms, for each song and each other transcriber."""
    lines = [
        f"agreement on the songs of {folder}; F1",
        _row("", ("frame", "onset", "notes", "other's notes", "variance")),
    ]
    for song in find_songs(folder).songs:
        roll = songs.transcribe(transcriber, song).posteriors
        for label, midi_folder in others:
            notes = read_notes(midi_folder / f"{song.stem}.mid")
            cells = _agreement(transcriber, roll, notes)
            lines += [f"{song.name}, {label}", _row("", cells)]
    return lines


def _of_unpitched(transcriber: Transcriber, folder: Path) -> list[str]:
    """Notes per minute of each recording."""
    lines = [f"recordings of {folder} without pitches", _row("", ("notes per minute",))]
    for song in find_songs(folder).songs:
        roll = songs.transcribe(transcriber, song).posteriors
        minutes = len(roll.sounding) / transcriber.spec.frame_rate / 60
        lines.append(_row(song.name, [f"{len(notes_of(transcriber.spec, roll)) / minutes:.1f}"]))
    return lines


def _agreement(transcriber: Transcriber, roll: piano_roll.Roll, other: np.ndarray) -> list[str]:
    notes = notes_of(transcriber.spec, roll)
    sounding = piano_roll.from_notes(transcriber.spec, other, np.zeros((0, 3)), len(roll.sounding)).sounding
    scores = frame_f1(sounding, roll.sounding), note_f1(other, notes)
    return [
        *(f"{score:.3f}" for score in scores),
        str(len(notes)),
        str(len(other)),
        f"{_variance(roll):.2f}",
    ]


def _row(label: str, cells: Sequence[str]) -> str:
    return f"{label:<22}" + "".join(f"{cell:>15}" for cell in cells)


if __name__ == "__main__":
    console.run(main)
