"""Synthetic singing: a saw wave through the formants of vowels, with glides, vibrato and consonants.

No words and no person, but what a transcriber of rendered music has not heard: pitches that slide and quiver,
spectra that change with the vowel, and noises that are not drums.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from scipy import signal

from tools.rendering.scores import Note
from tools.rendering.synth import SAMPLE_RATE

ATTACK = 0.06
"""Largest time until half of a note's level is reached, seconds."""

_VOWELS = {
    "a": (800, 1150, 2900, 3900),
    "e": (400, 1700, 2600, 3200),
    "i": (300, 2200, 2900, 3600),
    "o": (450, 800, 2830, 3500),
    "u": (325, 700, 2700, 3500),
}
"""Formants of an alto, Hz (those that Csound's manual tabulates)."""
_WIDTHS, _LEVELS = (80, 90, 120, 130), (0, -6, -24, -30)
"""Bandwidths, Hz, and levels, dB, of the formants."""
_BUZZ = 0.1
"""Share of the source that no formant filters."""
_LEGATO = 0.12
"""Longest gap, seconds, over which the voice glides."""
_FADE = 0.03
_OVERLAP = 0.08
"""Longest overlap, seconds, of two notes that one singer may sing."""
_RANGE = range(43, 82)
_TINY = 1e-6


def is_singable(notes: Sequence[Note]) -> bool:
    """True for notes of one voice within the range of singers."""
    melody = sorted(notes, key=lambda note: note.start)
    together = any(one.end > other.start + _OVERLAP for one, other in itertools.pairwise(melody))
    return bool(melody) and not together and all(note.pitch in _RANGE for note in melody)


def sing(notes: Sequence[Note], seconds: float, rng: np.random.Generator) -> np.ndarray:
    """Singing of one voice.

    Args:
        notes: notes of one voice, in seconds; a note ends where the next one begins.
        seconds: length.
        rng: random generator: singer, vowels and consonants.

    Returns:
        float32 [samples, 2], at a level (root mean square while it sings) of 0.1; zeros without notes.
    """
    length = round(seconds * SAMPLE_RATE)
    melody = _monophonic(notes, seconds)
    if not melody:
        return np.zeros((length, 2), np.float32)
    voiced = _level(melody, length)
    source = voiced * _saw(_pitch(melody, length, rng))
    source += rng.uniform(0.02, 0.08) * voiced * rng.normal(size=length)
    sung = _articulated(source, melody, rng)
    sung += _consonants(melody, length, rng) * np.sqrt(np.mean(sung**2))
    level = np.sqrt(np.sum(sung**2) / max(np.count_nonzero(voiced > 0.5), 1))
    mono = 0.1 * sung / (level + _TINY)
    return np.repeat(mono[:, None], 2, axis=1).astype(np.float32)


def _monophonic(notes: Sequence[Note], seconds: float) -> list[tuple[float, float, int]]:
    """Starts, ends and pitches, none of which overlap."""
    melody: list[tuple[float, float, int]] = []
    for note in sorted(notes, key=lambda note: (note.start, -note.pitch)):
        if melody and note.start - melody[-1][0] < 2 * _FADE:
            continue  # of notes at the same time, the highest
        if melody:
            start, end, pitch = melody[-1]
            melody[-1] = (start, min(end, note.start), pitch)
        melody.append((max(note.start, 0.0), min(note.end, seconds), note.pitch))
    return melody


def _level(melody: Sequence[tuple[float, float, int]], length: int) -> np.ndarray:
    """Level of every sample, 0 to 1, with short fades."""
    level = np.zeros(length)
    for start, end, _ in melody:
        level[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)] = 1.0
    window = signal.windows.hann(round(2 * _FADE * SAMPLE_RATE))
    return np.clip(signal.fftconvolve(level, window / window.sum(), "same"), 0.0, 1.0)


def _pitch(melody: Sequence[tuple[float, float, int]], length: int, rng: np.random.Generator) -> np.ndarray:
    """Frequency of every sample, Hz: steps with glides, and a vibrato that grows in every note."""
    time = np.arange(length) / SAMPLE_RATE
    steps, depth = np.full(length, float(melody[0][2])), np.zeros(length)
    cents = rng.uniform(20, 70)
    for i, (start, _, pitch) in enumerate(melody):
        first = round(start * SAMPLE_RATE)
        steps[first:] = pitch
        depth[first:] = cents / 100 * np.clip((time[first:] - start - 0.15) / 0.3, 0, 1)
        glides = i > 0 and start - melody[i - 1][1] < _LEGATO
        if not glides and rng.random() < 0.4:  # scooped from below
            steps[first:] -= rng.uniform(0.3, 1.5) * np.exp(-(time[first:] - start) / 0.03)
    window = signal.windows.hann(round(rng.uniform(0.04, 0.12) * SAMPLE_RATE))
    padded = np.pad(steps, len(window), mode="edge")
    smooth = signal.fftconvolve(padded, window / window.sum(), "same")[len(window) : len(window) + length]
    quiver = depth * np.sin(2 * np.pi * rng.uniform(4.8, 6.5) * time + rng.uniform(0, 2 * np.pi))
    return 440.0 * 2 ** ((smooth + quiver - 69) / 12)


def _saw(frequency: np.ndarray) -> np.ndarray:
    """Saw wave whose jumps are rounded over two samples (polyBLEP, Valimaki & Huovilainen 2007)."""
    step = frequency / SAMPLE_RATE
    phase = np.cumsum(step) % 1.0
    after, before = phase / step, (phase - 1.0) / step
    rounding = np.where(after < 1, 2 * after - after**2 - 1, 0.0)
    rounding += np.where(before > -1, before**2 + 2 * before + 1, 0.0)
    return 2 * phase - 1 - rounding


def _articulated(
    source: np.ndarray, melody: Sequence[tuple[float, float, int]], rng: np.random.Generator
) -> np.ndarray:
    """Source through the formants of a random vowel in every note."""
    size = 1.1 if np.mean([pitch for *_, pitch in melody]) > 60 else 0.9
    size *= rng.uniform(0.92, 1.08)
    chosen = rng.choice(list(_VOWELS), len(melody))
    sung = np.zeros_like(source)
    window = signal.windows.hann(round(2 * _FADE * SAMPLE_RATE))
    for vowel in sorted(set(chosen)):
        share = np.zeros_like(source)
        for i, (start, _, _) in enumerate(melody):
            if chosen[i] == vowel:
                stop = melody[i + 1][0] if i + 1 < len(melody) else len(source) / SAMPLE_RATE
                share[round(start * SAMPLE_RATE) : round(stop * SAMPLE_RATE)] = 1.0
        share = np.clip(signal.fftconvolve(share, window / window.sum(), "same"), 0.0, 1.0)
        sung += share * _filtered(source, size * np.array(_VOWELS[vowel]))
    return sung


def _filtered(source: np.ndarray, formants: np.ndarray) -> np.ndarray:
    """Sum of the source through a resonator for each formant, at the source's level."""
    voice = _BUZZ * source
    for frequency, width, level in zip(formants, _WIDTHS, _LEVELS, strict=True):
        coefficients = signal.iirpeak(min(frequency, 0.45 * SAMPLE_RATE), frequency / width, SAMPLE_RATE)
        voice = voice + 10 ** (level / 20) * 4 * signal.lfilter(*coefficients, source)
    return voice * np.sqrt(np.mean(source**2)) / (np.sqrt(np.mean(voice**2)) + _TINY)


def _consonants(
    melody: Sequence[tuple[float, float, int]], length: int, rng: np.random.Generator
) -> np.ndarray:
    """Bursts of noise at the beginnings of some notes, relative to the level of the voice."""
    bursts = np.zeros(length)
    for start, _, _ in melody:
        if rng.random() < 0.4:
            samples = round(rng.uniform(0.03, 0.09) * SAMPLE_RATE)
            first = max(round((start - 0.5 * samples / SAMPLE_RATE) * SAMPLE_RATE), 0)
            low = rng.uniform(1500, 5000)
            band = [low, min(2.5 * low, 0.45 * SAMPLE_RATE)]
            noise = signal.lfilter(*signal.butter(1, band, "band", fs=SAMPLE_RATE), rng.normal(size=samples))
            shape = np.hanning(samples) * rng.uniform(0.3, 1.2)
            kept = len(bursts[first : first + samples])
            bursts[first : first + samples] += (noise * shape)[:kept]
    return bursts
