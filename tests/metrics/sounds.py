"""Synthetic recordings of known notes."""

import numpy as np


def tone(pitch: float, seconds: float, rate: int, partials: int = 6) -> np.ndarray:
    """A decaying note with partials of amplitude 1 / k, float64 [samples]."""
    time = np.arange(round(seconds * rate)) / rate
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    wave = sum(np.sin(2 * np.pi * k * frequency * time + k) / k for k in range(1, partials + 1))
    return wave * np.exp(-4 * time / seconds) * np.minimum(1, np.minimum(time / 0.01, (seconds - time) / 0.1))


def synthesise(notes: np.ndarray, rate: int, partials: int = 6) -> np.ndarray:
    """Recording of a score, rows of start, end (seconds) and pitch, by `tone`: float32 [samples]."""
    wave = np.zeros(round(rate * (notes[:, 1].max() + 0.2)))
    for start, end, pitch in notes:
        sound = tone(pitch, end - start, rate, partials)
        first = round(start * rate)
        wave[first : first + len(sound)] += sound
    return (0.1 * wave).astype(np.float32)
