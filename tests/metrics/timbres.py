"""Synthetic melodies of known timbre and notes."""

from collections.abc import Sequence

import numpy as np

RATE = 22050
BRIGHT = tuple(0.9**k for k in range(12))
DULL = (1.0, 0.25, 0.06)
TUNE = (60, 64, 67, 72, 69, 65, 62, 67)
OTHER_TUNE = (65, 62, 69, 70, 60, 67, 64, 72)


def melody(
    notes: Sequence[int], harmonics: Sequence[float], decay: float = 3.0, note_seconds: float = 0.5
) -> np.ndarray:
    """Notes one after another, each decaying by e^-decay per second; float32 [samples] at RATE."""
    time = np.arange(round(note_seconds * RATE)) / RATE
    envelope = np.exp(-decay * time)
    tones = []
    for note in notes:
        base = 440 * 2 ** ((note - 69) / 12)
        partials = [
            amplitude * np.sin(2 * np.pi * base * (k + 1) * time)
            for k, amplitude in enumerate(harmonics)
            if base * (k + 1) < RATE / 2
        ]
        tones.append(envelope * np.sum(partials, axis=0))
    return (0.1 * np.concatenate(tones)).astype(np.float32)


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    """White noise at RATE."""
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE)).astype(np.float32)
