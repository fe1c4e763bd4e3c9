"""Synthetic works, instruments and recordings, which require neither music21 nor FluidSynth."""

from pathlib import Path

import numpy as np

from tests.tools.rendering.paired.fakes import work as four_voices
from tools.rendering import synth
from tools.rendering.repertoire import Work
from tools.rendering.scores import Note, Piece
from tools.rendering.transcription.orchestration import Instrument
from tools.rendering.transcription.plan import plan
from tools.rendering.transcription.sources import SHARES

RATE = synth.SAMPLE_RATE
KEYS = frozenset(range(24, 104))


def tune(number, kind="folk", quarters=64):
    """Random walk of one voice."""
    pitches = np.random.default_rng(number).integers(-7, 8, quarters).cumsum() % 24 + 55
    notes = tuple(Note(float(i), 1.0, int(pitch), 0) for i, pitch in enumerate(pitches))
    return Work(kind, "traditional", Piece(f"{kind}{number}", "", notes))


def works():
    """Ten works of every kind."""
    pieces = [four_voices(number, "chorale") for number in range(10)]
    pieces += [
        tune(100 * k + n, kind) for k, kind in enumerate(SHARES) if kind != "chorale" for n in range(10)
    ]
    return pieces


def instruments(programs=range(8), attack=0.0):
    """Instruments with the whole range."""
    return {program: Instrument(KEYS, attack) for program in programs}


def plan_recordings(works, fonts, seed=0):
    """Plan with the same instruments in every SoundFont."""
    return plan(works, fonts, {font: instruments() for font in [*fonts.training, fonts.held_out]}, seed)


def font(folder, name="font.sf2"):
    """File in place of a SoundFont."""
    path = Path(folder, name)
    path.write_bytes(b"a font")
    return path


def clicks(seconds=4.0, every=0.5):
    """Stereo noise bursts, and their onset times."""
    rng, times = np.random.default_rng(0), np.arange(0.25, seconds - 0.4, every)
    samples = np.zeros((round(seconds * RATE), 2), np.float32)
    length = RATE // 20
    shape = np.exp(-np.arange(length) / (length / 5))[:, None]
    for time in times:
        start = round(time * RATE)
        samples[start : start + length] += 0.3 * rng.normal(size=(length, 2)) * shape
    return samples, times


def sines(notes, seconds):
    """Notes with three harmonics, float32 [samples, 2]."""
    time = np.arange(round(seconds * RATE)) / RATE
    mono = np.zeros_like(time)
    for note in notes:
        on = (time >= note.start) & (time < note.end)
        for harmonic, level in ((1, 0.05), (2, 0.02), (3, 0.01)):
            frequency = harmonic * 440 * 2 ** ((note.pitch - 69) / 12)
            mono[on] += level * np.sin(2 * np.pi * frequency * (time[on] - note.start))
    return np.stack([mono, mono], axis=1).astype(np.float32)
