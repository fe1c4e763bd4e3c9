"""Renders one song, checks what a transcriber will decode, and remembers that it was checked."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyloudnorm
import soundfile

from pipelines.errors import UserError
from tools.rendering import chroma, midi, ogg, records, synth
from tools.rendering.midi import Sound
from tools.rendering.paired.plan import Song
from tools.rendering.scores import VOICES

LUFS = -23.0
"""Loudness of every file."""
CHROMA = 0.65
"""Least similarity of a rendering to its score; to another's it is 0.36 on average and 0.58 at most."""

_TAIL = 1.0


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Result of rendering a song: its row of the catalogue, or the reason why there is none."""

    song: Song
    row: dict[str, Any] | None
    problem: str = ""


def render(song: Song, soundfont: Path, out: Path) -> Outcome:
    """Renders a song unless the same one has been rendered and checked before.

    Args:
        song: what is wanted.
        soundfont: the instruments.
        out: the benchmark's folder.

    Returns:
        The row, or what is wrong with the rendering, which is then not kept.
    """
    notes = song.ensemble.arrange(song.notes()) + song.drums()
    score = midi.encode(notes, song.ensemble.sounds, song.ensemble.kit)
    key = hashlib.sha256(score + f"{LUFS} {CHROMA} {_TAIL} {soundfont.stat().st_size}".encode()).hexdigest()
    row = records.known(out, song.path, key)
    try:
        if row is None:
            row = _make(song, score, soundfont, out)
            records.remember(out, key, row, [song.path, *song.copies, *filter(None, [song.midi])])
        _add_copies(song, out)
    except UserError as error:
        return Outcome(song, None, str(error))
    return Outcome(song, row)


def _make(song: Song, score: bytes, soundfont: Path, out: Path) -> dict[str, Any]:
    seconds = max(note.end for note in song.notes()) + _TAIL
    path = out / song.path
    new = path.with_name(f".new-{path.name}")
    try:
        synth.store(new, synth.play(score, seconds, soundfont, LUFS))
        ogg.set_serial(new)
        row = {**_facts(song), **measure(new, song)}
        if row["chroma_to_score"] < CHROMA:
            raise UserError(f"{song.path} has a chroma_to_score of {row['chroma_to_score']}, under {CHROMA}")
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    return row


def measure(path: Path, song: Song) -> dict[str, Any]:
    """Numbers of a file for the catalogue.

    Raises:
        UserError: if it is silent or clips.
    """
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    synth.require_sound(samples, song.path)
    heard = chroma.of_recording(samples, rate)
    return {
        "seconds": round(len(samples) / rate, 3),
        "bytes": path.stat().st_size,
        "rms": round(float(np.sqrt(np.mean(samples**2))), 4),
        "peak": round(float(np.abs(samples).max()), 4),
        "lufs": round(float(pyloudnorm.Meter(rate).integrated_loudness(samples)), 2),
        "chroma_to_score": round(chroma.similarity(heard, chroma.of_notes(song.notes(), heard.shape[1])), 4),
    }


def _facts(song: Song) -> dict[str, Any]:
    return {
        "path": song.path,
        "split": song.split,
        "instrument": song.ensemble.name,
        "piece": song.piece.name,
        "title": song.piece.title,
        "kind": song.work.kind,
        "tempo": song.tempo,
        "licence": song.work.licence,
    }


def _add_copies(song: Song, out: Path) -> None:
    for copy in song.copies:
        target = out / copy
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(f".new-{target.name}")
        new.unlink(missing_ok=True)
        try:
            os.link(out / song.path, new)
        except OSError:  # A file system without hard links.
            shutil.copyfile(out / song.path, new)
        os.replace(new, target)
        new.unlink(missing_ok=True)  # Replacing a file by a link to itself leaves both.
    if song.midi:
        records.write(out / song.midi, midi.encode(song.notes(), [Sound(0)] * VOICES))
