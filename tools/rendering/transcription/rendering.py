"""Rendering and check of one recording of the transcription data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from pipelines.errors import UserError
from tools.rendering import midi, records, soundfonts, synth
from tools.rendering.records import Row
from tools.rendering.render_pool import Outcome
from tools.rendering.scores import Note
from tools.rendering.transcription import checking, effects, encoding, singing
from tools.rendering.transcription.recording import Recording

LUFS = -23.0
"""Integrated loudness of every file."""

_SILENT = 1e-3
_VERSION = 1  # version of effects and codings: files of another version are rendered again


def render(recording: Recording, out: Path) -> Outcome[Recording]:
    """Renders a recording and its MIDI file, unless a previous run did.

    Args:
        recording: planned recording.
        out: folder of the transcription data.

    Returns:
        The row of the catalogue, or the error of a rendering that failed its check and is not kept.
    """
    score, labels = _score(recording, recording.notes), _score(recording, recording.labels)
    files = [recording.path, recording.midi]
    try:
        row = records.render_once(out, _key(recording, score), files, lambda: _render(recording, labels, out))
        if not (out / recording.midi).exists():
            records.write(out / recording.midi, labels)
    except UserError as error:
        return Outcome(recording, None, f"{recording.name} ({_instruments(recording)}): {error}")
    return Outcome(recording, row)


def _key(recording: Recording, score: bytes) -> str:
    font, size = recording.soundfont.name, recording.soundfont.stat().st_size
    facts = f"{_VERSION} {font} {size} {recording.seconds} {recording.effects} {recording.seed}"
    facts += " sung" if recording.is_sung else ""
    facts += "" if recording.driven is None else f" {recording.driven} driven"
    return hashlib.sha256(score + facts.encode()).hexdigest()


def _render(recording: Recording, labels: bytes, out: Path) -> Row:
    dry = _mixed(recording)
    similarity = _check(recording, dry)
    samples = effects.apply(dry, recording.effects, recording.seed)
    path = out / recording.path
    with records.replaced(path) as new:
        encoding.write(new, encoding.normalised(samples, LUFS), recording.coding)
        _require_no_clipping(soundfile.read(new, dtype="float32", always_2d=True)[0])
        records.write(out / recording.midi, labels)
    return {**_facts(recording), "chroma_to_score": round(similarity, 4), "bytes": path.stat().st_size}


def _mixed(recording: Recording) -> np.ndarray:
    """Mixture of the parts; one that is sung or overdriven is up to 6 dB above the others, or below them."""
    rng = np.random.default_rng(recording.seed)
    apart = {part for part in (0 if recording.is_sung else None, recording.driven) if part is not None}
    others = [note for note in recording.notes if note.voice not in apart]
    mixed = _played(recording, others)
    level = np.sqrt(np.mean(mixed**2)) if others else 0.1
    for part in sorted(apart):
        notes = [note for note in recording.notes if note.voice == part]
        if part == recording.driven:
            alone = effects.amplifier(_played(recording, notes), rng)
        else:
            alone = 10 * singing.sing(notes, recording.seconds, rng)
        mixed = mixed + np.float32(level * 10 ** (rng.uniform(-6, 6) / 20)) * alone
    return mixed


def _played(recording: Recording, notes: Sequence[Note]) -> np.ndarray:
    return synth.render(_score(recording, notes), recording.seconds, recording.soundfont)


def _score(recording: Recording, notes: Sequence[Note]) -> bytes:
    return midi.encode(notes, recording.ensemble.sounds, recording.ensemble.kit)


def _check(recording: Recording, samples: np.ndarray) -> float:
    """Chroma similarity of a rendering to its score.

    Raises:
        UserError: if pitches or onsets differ from the score.
    """
    if np.abs(samples).max(initial=0) < _SILENT:
        raise UserError("it is silent")
    similarity, transposed = checking.chroma_to_score(samples, recording.notes)
    if similarity < max(checking.CHROMA, transposed + checking.MARGIN):
        raise UserError(
            f"its chroma similarity to the score is {similarity:.3f}, and {transposed:.3f} to a transposition"
        )
    delay = checking.onset_delay(samples, recording.notes)
    limit = checking.DELAY + recording.attack
    if not -checking.DELAY <= delay <= limit:
        raise UserError(
            f"its onset delay is {1000 * delay:.0f} ms, more than {1000 * limit:.0f}, or negative"
        )
    return similarity


def _require_no_clipping(samples: np.ndarray) -> None:
    if np.abs(samples).max(initial=0) >= 1.0:
        raise UserError("it clips")


def _facts(recording: Recording) -> Row:
    return {
        "name": recording.name,
        "excerpt": recording.excerpt,
        "audio": recording.path,
        "notes": recording.midi,
        "split": recording.split,
        "piece": recording.work.piece.name,
        "kind": recording.work.kind,
        "composer": recording.work.composer,
        "soundfont": recording.soundfont.name,
        "programs": sorted(recording.ensemble.programs),
        "drums": recording.ensemble.kit is not None,
        "sung": recording.is_sung,
        "overdriven": recording.driven is not None,
        "seconds": round(recording.seconds, 3),
        "effects": list(recording.effects),
        "licence": recording.work.licence(soundfonts.licence(recording.soundfont)),
    }


def _instruments(recording: Recording) -> str:
    programs = ", ".join(str(program) for program in sorted(recording.ensemble.programs))
    return f"{recording.soundfont.name}, program {programs}"
