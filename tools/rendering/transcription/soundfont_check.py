"""SoundFont check: the keys that every instrument plays in tune, and its attack time.

Keys that are out of tune are not used, because their labels in the transcription data would be wrong.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipelines import console
from pipelines.data import worker_pool
from tools.rendering import midi, records, synth
from tools.rendering.midi import Sound
from tools.rendering.scores import Note
from tools.rendering.transcription.excerpts import HIGHEST, LOWEST
from tools.rendering.transcription.orchestration import Instrument, Instruments

PROGRAMS = 104
"""Of General MIDI: the melodic instruments; after them come drones, drums and noises."""

# Organ stops sound octaves and fifths beside the note that is played.
_MIXTURES = (16, 17, 18, 19)
_STEP = 6
_TRIED = tuple(range(LOWEST, HIGHEST + 1, _STEP))
_FEWEST = 5
_LENGTH, _GAP, _LEAD, _TAIL = 0.4, 0.2, 0.1, 1.0
_AT_ONCE = 8
_HARMONICS = 10
_CENTS = 60
_QUIET_DB = 40.0
_IN_TUNE, _ODD = 0.6, 0.01

Heard = tuple[int, list[int], float]
"""A program, those of the keys tried that it plays in tune, and its attack in seconds."""


def instruments(font: Path, cache: Path, jobs: int) -> Instruments:
    """Has every instrument of a SoundFont play the whole keyboard.

    Args:
        font: the SoundFont.
        cache: folder in which the answer is kept.
        jobs: processes.

    Returns:
        Those that play two octaves and a half in tune, by program.
    """
    file = cache / f"audition-{font.name}-{font.stat().st_size}.json"
    with contextlib.suppress(OSError, ValueError, TypeError):
        return _playable(json.loads(file.read_text()))
    groups = [range(first, min(first + _AT_ONCE, PROGRAMS)) for first in range(0, PROGRAMS, _AT_ONCE)]
    heard: list[Heard] = []
    with contextlib.closing(worker_pool.run(functools.partial(_heard, font), groups, jobs)) as results:
        for _, result in console.progress(results, f"hear {font.stem}", total=len(groups), unit="group"):
            if isinstance(result, BaseException):
                raise result
            heard += result
    records.write(file, json.dumps(sorted(heard)).encode())
    return _playable(heard)


def _playable(heard: Sequence[Heard]) -> Instruments:
    """Every key counts as the nearest that was tried."""
    return {
        program: Instrument(
            frozenset(
                key
                for tried in good
                for key in range(max(tried - _STEP // 2, LOWEST), min(tried + _STEP // 2, HIGHEST + 1))
            ),
            attack,
        )
        for program, good, attack in sorted(heard)
        if len(good) >= _FEWEST
    }


def _heard(font: Path, programs: Sequence[int]) -> list[Heard]:
    notes = list(_notes(len(programs)))
    score = midi.encode(notes, [Sound(program) for program in programs])
    samples = synth.render(score, notes[-1].end + _TAIL, font).mean(axis=1)
    heard = []
    for voice, program in enumerate(programs):
        parts = [(note.pitch, _part(samples, note)) for note in notes if note.voice == voice]
        attack = float(np.median([_attack(part) for _, part in parts]))
        heard.append((program, in_tune(parts, mixture=program in _MIXTURES), attack))
    return heard


def _notes(voices: int) -> Iterator[Note]:
    """One voice after the other plays all keys, one after the other."""
    for number in range(voices * len(_TRIED)):
        voice, key = divmod(number, len(_TRIED))
        yield Note(_LEAD + number * (_LENGTH + _GAP), _LENGTH, _TRIED[key], voice, 90)


def _part(samples: np.ndarray, note: Note) -> np.ndarray:
    return samples[round(note.start * synth.SAMPLE_RATE) : round(note.end * synth.SAMPLE_RATE)]


def in_tune(parts: Sequence[tuple[int, np.ndarray]], *, mixture: bool = False) -> list[int]:
    """The pitches that are heard as they are written.

    Args:
        parts: each a pitch, and what is heard of it, [samples] at synth.SAMPLE_RATE.
        mixture: it is enough that something is heard.
    """
    levels = np.array([np.sqrt(np.mean(part**2)) for _, part in parts])
    quietest = np.median(levels) * 10 ** (-_QUIET_DB / 20)
    return [
        pitch
        for (pitch, part), level in zip(parts, levels, strict=True)
        if level > quietest and (mixture or _is_in_tune(part, pitch))
    ]


def _attack(samples: np.ndarray) -> float:
    """Seconds until half the greatest level is reached."""
    length = synth.SAMPLE_RATE // 100
    levels = np.sqrt(np.square(samples[: len(samples) // length * length]).reshape(-1, length).mean(axis=1))
    return int(np.argmax(levels > levels.max() / 2)) / 100


def _is_in_tune(samples: np.ndarray, pitch: int) -> bool:
    """True if most of the energy up to the tenth harmonic is at harmonics, and not all at even ones.

    A sound with energy at even ones only is an octave too high; one with energy between harmonics is too low,
    or not harmonic.
    """
    near, odd, everything = _energies(samples, pitch)
    return bool(near > _IN_TUNE * everything and odd > _ODD * near)


def _energies(samples: np.ndarray, pitch: int) -> tuple[float, float, float]:
    """Energy near harmonics, near odd ones, and all of it from below the first to above the tenth."""
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 4 * len(samples))) ** 2
    bins = np.fft.rfftfreq(4 * len(samples), 1 / synth.SAMPLE_RATE)
    number = np.maximum(np.round(bins / frequency), 1)
    # The window's main lobe is as wide as four periods of the excerpt.
    width = np.maximum(number * frequency * (2 ** (_CENTS / 1200) - 1), 2 * synth.SAMPLE_RATE / len(samples))
    inside = (bins > 0.3 * frequency) & (bins < (_HARMONICS + 0.5) * frequency)
    near = inside & (np.abs(bins - number * frequency) < width)
    return power[near].sum(), power[near & (number % 2 == 1)].sum(), power[inside].sum()
