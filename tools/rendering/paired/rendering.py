"""Rendering and check of one recording of the benchmark."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pyloudnorm
import soundfile

from pipelines.errors import UserError
from tools.rendering import chroma, midi, ogg, records, soundfonts, synth
from tools.rendering.midi import Sound
from tools.rendering.paired.plan import Recording
from tools.rendering.records import Row
from tools.rendering.render_pool import Outcome
from tools.rendering.scores import VOICES

LUFS = -23.0
"""Integrated loudness of every file."""
CHROMA = 0.65
"""Least chroma similarity to the score; to other scores it is 0.36 on average and 0.58 at most."""

_TAIL = 1.0


def render(recording: Recording, soundfont: Path, out: Path) -> Outcome[Recording]:
    """Renders a recording and its copies, unless a previous run did.

    Args:
        recording: planned recording.
        soundfont: SoundFont of the instruments.
        out: folder of the benchmark.

    Returns:
        The row of the catalogue, or the error of a rendering that failed its check and is not kept.
    """
    ensemble = recording.ensemble
    notes = ensemble.arrange(recording.notes()) + recording.drums()
    score = midi.encode(notes, ensemble.sounds, ensemble.kit)
    key = hashlib.sha256(score + f"{LUFS} {CHROMA} {_TAIL} {soundfont.stat().st_size}".encode()).hexdigest()
    files = [recording.path, *recording.copies, *filter(None, [recording.midi])]
    try:
        row = records.render_once(out, key, files, lambda: _render(recording, score, soundfont, out))
        _add_copies(recording, out)
    except UserError as error:
        return Outcome(recording, None, str(error))
    return Outcome(recording, row)


def _render(recording: Recording, score: bytes, soundfont: Path, out: Path) -> Row:
    seconds = max(note.end for note in recording.notes()) + _TAIL
    with records.replaced(out / recording.path) as new:
        synth.write(new, synth.render_at_loudness(score, seconds, soundfont, LUFS))
        ogg.set_serial(new)
        row = {**_facts(recording, soundfont), **measure(new, recording)}
        similarity = row["chroma_to_score"]
        if similarity < CHROMA:
            raise UserError(f"{recording.path} has a chroma_to_score of {similarity}, under {CHROMA}")
    return row


def measure(path: Path, recording: Recording) -> Row:
    """Measurements of a file for the catalogue.

    Args:
        path: the rendered file.
        recording: planned recording.

    Raises:
        UserError: if it is silent or clips.
    """
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    synth.require_sound(samples, recording.path)
    measured = chroma.of_recording(samples, rate)
    expected = chroma.of_notes(recording.notes(), measured.shape[1])
    return {
        "seconds": round(len(samples) / rate, 3),
        "bytes": path.stat().st_size,
        "rms": round(float(np.sqrt(np.mean(samples**2))), 4),
        "peak": round(float(np.abs(samples).max()), 4),
        "lufs": round(float(pyloudnorm.Meter(rate).integrated_loudness(samples)), 2),
        "chroma_to_score": round(chroma.similarity(measured, expected), 4),
    }


def _facts(recording: Recording, soundfont: Path) -> Row:
    return {
        "path": recording.path,
        "split": recording.split,
        "instrument": recording.ensemble.name,
        "piece": recording.piece.name,
        "title": recording.piece.title,
        "kind": recording.work.kind,
        "tempo": recording.tempo,
        "licence": recording.work.licence(soundfonts.licence(soundfont)),
    }


def _add_copies(recording: Recording, out: Path) -> None:
    """Links or copies the file to its further paths, and writes its MIDI file."""
    source = out / recording.path
    for copy in recording.copies:
        (out / copy).parent.mkdir(parents=True, exist_ok=True)
        with records.replaced(out / copy) as new:
            try:
                os.link(source, new)
            except OSError:  # the file system has no hard links
                shutil.copyfile(source, new)
    if recording.midi:
        records.write(out / recording.midi, midi.encode(recording.notes(), [Sound(0)] * VOICES))
