"""Check of SoundFonts: keys of every instrument that are in tune, and times of attack and decay.

Keys out of tune would have wrong labels in the transcription data, and are not used. Labels of plucked and
struck notes end where the notes can no longer be heard.
"""

from __future__ import annotations

import contextlib
import functools
import json
import operator
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tools.rendering import midi, records, synth
from tools.rendering.midi import Sound
from tools.rendering.render_pool import map_all
from tools.rendering.scores import Note
from tools.rendering.transcription.excerpts import HIGHEST, LOWEST
from tools.rendering.transcription.orchestration import Instrument, Instruments

PROGRAMS = 104
"""Number of melodic General MIDI programs; those above are drones, drums and noises."""

# Mixture stops of organs add octaves and fifths to the note.
_MIXTURES = (16, 17, 18, 19)
_STEP = 6
_PROBED = tuple(range(LOWEST, HIGHEST + 1, _STEP))
_LEAST_KEYS = 5
_LENGTH, _GAP, _LEAD, _TAIL = 3.0, 0.2, 0.1, 1.0
_BEGINNING = 0.4
"""Seconds of a note in which tuning and attack are measured."""
_INAUDIBLE_DB = 24.0
"""Level below the loudest moment of a note at which others mask it."""
_GROUP = 8
_HARMONICS = 10
_CENTS = 60
_QUIET_DB = 40.0
_IN_TUNE, _ODD = 0.6, 0.01

Measurement = tuple[int, list[int], float, dict[str, float]]
"""Program, probed keys that are in tune, attack time, and decay times by probed key, in seconds."""


def instruments(font: Path, cache: Path, jobs: int) -> Instruments:
    """Instruments of a SoundFont, measured over the whole keyboard.

    Args:
        font: SoundFont.
        cache: folder for the result.
        jobs: number of processes.

    Returns:
        Instruments with two and a half octaves in tune, by program.
    """
    file = cache / f"instruments-{font.name}-{font.stat().st_size}.json"
    with contextlib.suppress(OSError, ValueError, TypeError):
        return _usable(json.loads(file.read_text()))
    groups = [range(first, min(first + _GROUP, PROGRAMS)) for first in range(0, PROGRAMS, _GROUP)]
    task = functools.partial(_measure, font)
    results = map_all(task, groups, jobs, title=f"check {font.stem}", unit="group")
    measurements = [measurement for result in results for measurement in result]
    records.write(file, json.dumps(sorted(measurements, key=operator.itemgetter(0))).encode())
    return _usable(measurements)


def _usable(measurements: Sequence[Measurement]) -> Instruments:
    """Instruments with enough keys in tune; every key counts as its nearest probed key."""
    return {
        program: Instrument(
            frozenset(key for probed in keys for key in _neighbours(probed)),
            attack,
            {key: decay for probed, decay in decays.items() for key in _neighbours(int(probed))},
        )
        for program, keys, attack, decays in sorted(measurements, key=operator.itemgetter(0))
        if len(keys) >= _LEAST_KEYS
    }


def _neighbours(probed: int) -> range:
    return range(max(probed - _STEP // 2, LOWEST), min(probed + _STEP // 2, HIGHEST + 1))


def _measure(font: Path, programs: Sequence[int]) -> list[Measurement]:
    notes = list(_notes(len(programs)))
    score = midi.encode(notes, [Sound(program) for program in programs])
    samples = synth.render(score, notes[-1].end + _TAIL, font).mean(axis=1)
    measurements = []
    for voice, program in enumerate(programs):
        sounds = [(note.pitch, _note_samples(samples, note)) for note in notes if note.voice == voice]
        decays = {str(pitch): decay for pitch, sound in sounds if (decay := _decay(sound)) < _LENGTH}
        sounds = [(pitch, sound[: round(_BEGINNING * synth.SAMPLE_RATE)]) for pitch, sound in sounds]
        attack = float(np.median([_attack(sound) for _, sound in sounds]))
        measurements.append((program, in_tune(sounds, mixture=program in _MIXTURES), attack, decays))
    return measurements


def _notes(voices: int) -> Iterator[Note]:
    """Successive notes: all probed keys of one voice after the other."""
    for number in range(voices * len(_PROBED)):
        voice, key = divmod(number, len(_PROBED))
        yield Note(_LEAD + number * (_LENGTH + _GAP), _LENGTH, _PROBED[key], voice, 90)


def _note_samples(samples: np.ndarray, note: Note) -> np.ndarray:
    return samples[round(note.start * synth.SAMPLE_RATE) : round(note.end * synth.SAMPLE_RATE)]


def in_tune(sounds: Sequence[tuple[int, np.ndarray]], *, mixture: bool = False) -> list[int]:
    """Pitches whose sounds are in tune.

    Args:
        sounds: pitches with their sounds, [samples] at synth.SAMPLE_RATE.
        mixture: True if every pitch that is not silent counts.
    """
    levels = np.array([np.sqrt(np.mean(sound**2)) for _, sound in sounds])
    quietest = np.median(levels) * 10 ** (-_QUIET_DB / 20)
    return [
        pitch
        for (pitch, sound), level in zip(sounds, levels, strict=True)
        if level > quietest and (mixture or _is_in_tune(sound, pitch))
    ]


def _attack(samples: np.ndarray) -> float:
    """Seconds until half of the maximum level is reached."""
    levels = _levels(samples)
    return int(np.argmax(levels > levels.max() / 2)) / 100


def _decay(samples: np.ndarray) -> float:
    """Seconds until the level stays _INAUDIBLE_DB below its maximum; the whole length if it never does."""
    levels = _levels(samples)
    audible = np.flatnonzero(levels >= levels.max() * 10 ** (-_INAUDIBLE_DB / 20))
    return (int(audible[-1]) + 1) / 100


def _levels(samples: np.ndarray) -> np.ndarray:
    """Level (root mean square) in every hundredth of a second."""
    length = synth.SAMPLE_RATE // 100
    return np.sqrt(np.square(samples[: len(samples) // length * length]).reshape(-1, length).mean(axis=1))


def _is_in_tune(samples: np.ndarray, pitch: int) -> bool:
    """True if most of the energy up to the tenth harmonic is at harmonics, and not only at even ones.

    Energy at even harmonics only indicates a sound an octave too high; energy between harmonics one that is
    too low, or inharmonic.
    """
    harmonic, odd, total = _energies(samples, pitch)
    return bool(harmonic > _IN_TUNE * total and odd > _ODD * harmonic)


def _energies(samples: np.ndarray, pitch: int) -> tuple[float, float, float]:
    """Energy near harmonics, near odd harmonics, and in the whole range of the first ten harmonics."""
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 4 * len(samples))) ** 2
    bins = np.fft.rfftfreq(4 * len(samples), 1 / synth.SAMPLE_RATE)
    number = np.maximum(np.round(bins / frequency), 1)
    # The main lobe of the window is four bins wide.
    width = np.maximum(number * frequency * (2 ** (_CENTS / 1200) - 1), 2 * synth.SAMPLE_RATE / len(samples))
    inside = (bins > 0.3 * frequency) & (bins < (_HARMONICS + 0.5) * frequency)
    near = inside & (np.abs(bins - number * frequency) < width)
    return power[near].sum(), power[near & (number % 2 == 1)].sum(), power[inside].sum()
