"""Having every song played by every method, and measuring what comes out."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence

import tensorflow as tf

from pipelines import console
from pipelines.errors import UserError
from pipelines.evaluation import clips, store
from pipelines.evaluation.clips import Piece
from pipelines.evaluation.columns import PROCESSOR
from pipelines.evaluation.context import Context
from pipelines.evaluation.measurement import Task, measure_all
from pipelines.evaluation.store import Measured
from pipelines.evaluation.systems import Player


@dataclasses.dataclass(frozen=True)
class Sound:
    """One song by one method.

    Attributes:
        player: the method.
        piece: the song.
        number: of the song, from 0.
        task: how it is measured.
    """

    player: Player
    piece: Piece
    number: int
    task: Task


def play_and_measure(context: Context, methods: Sequence[Player], played: Sequence[Piece]) -> list[Sound]:
    """Plays and measures whatever is not measured yet.

    Args:
        context: of the evaluation.
        methods: all rows.
        played: all songs.

    Returns:
        The sounds that could be made; `Measured.load(sound.task.target)` is what was measured.
    """
    planned = [
        Sound(player, piece, number, _task(context, player, piece))
        for player in methods
        for number, piece in enumerate(played)
        if player.plays(piece)
    ]
    bar = console.progress(planned, "playing", unit="song")
    made = [sound for sound in bar if _is_done(context, sound) or _make(context, sound)]
    # A song's methods follow each other: they share what is computed of source and truth.
    tasks = [sound.task for sound in sorted(made, key=lambda sound: sound.number)]
    for problem in measure_all(tasks, "measuring", context.jobs):
        context.warn(problem)
    return made


def of_player(context: Context, sounds: Sequence[Sound], player: Player) -> Iterator[tuple[Piece, Measured]]:
    """Measured pieces of one method, with the processor time per second of music where it is known."""
    for sound in sounds:
        measured = Measured.load(sound.task.target) if sound.player is player else None
        if measured is not None:
            took = context.kept.seconds(sound.task.target.stem)
            cost = {} if took is None else {PROCESSOR: took / sound.piece.seconds}
            yield sound.piece, dataclasses.replace(measured, values=measured.values | cost)


def _task(context: Context, player: Player, piece: Piece) -> Task:
    columns, kept = context.song_columns, context.kept
    names = ",".join(entry.column.key for entry in columns)
    name = store.key("sound", player.method.key, player.identity, piece.key, context.spec, names)
    return Task(
        label=f"{player.method.name} of {piece.name}",
        target=kept.measured(name),
        spec=context.spec,
        sound=kept.sound(name),
        source=piece.source,
        truth=piece.truth,
        notes=piece.notes,
        columns=columns,
    )


def _is_done(context: Context, sound: Sound) -> bool:
    """True if the published audio exists and its measurements, or the samples to measure, do as well."""
    audible = context.kept.folder / context.kept.audio(sound.player.method.key, sound.piece.name)
    return audible.is_file() and (sound.task.sound.is_file() or Measured.load(sound.task.target) is not None)


def _make(context: Context, sound: Sound) -> bool:
    """Plays one song; False if that fails, which is said."""
    began = time.process_time()
    try:
        waveform = clips.level(sound.player.play(sound.piece, sound.number), context.spec)
    except (UserError, tf.errors.OpError) as error:
        context.warn(f"{sound.task.label} is left out: {error}")
        return False
    context.kept.put_seconds(sound.task.target.stem, time.process_time() - began)
    context.kept.put(sound.task.sound.stem, waveform)
    context.kept.publish(sound.player.method.key, sound.piece.name, waveform)
    return True
