"""Synthesised songs with a singer, and their stems."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from scipy import signal

from tests.inference import tiny

RATE = tiny.SPEC.sample_rate


def voice(seconds: float, channels: int = 2, seed: int = 0, rate: int = RATE) -> np.ndarray:
    """Singing-like sound, float32 [samples, channels]: notes of random pitches with vibrato, and pauses."""
    generator = np.random.default_rng(seed)
    notes = int(np.ceil(seconds / 0.25))
    pitches = 220 * 2 ** (generator.integers(0, 18, notes) / 12)
    loudness = generator.uniform(0.3, 1.0, notes) * (generator.uniform(size=notes) > 0.15)
    time = np.arange(round(seconds * rate)) / rate
    index = (time / 0.25).astype(int)
    vibrato = 1 + 0.01 * np.sin(2 * np.pi * 5.5 * time)
    phase = 2 * np.pi * np.cumsum(pitches[index] * vibrato) / rate
    tone = sum(np.sin(n * phase) / n for n in range(1, 9) if n * 660 < rate / 2)
    breath = 0.05 * generator.standard_normal(len(time))
    envelope = loudness[index] * np.sin(np.pi * (time % 0.25) / 0.25)
    mono = 0.15 * (tone + breath) * envelope
    return np.stack([mono, 0.8 * mono][:channels], axis=-1).astype(np.float32)


def accompaniment(seconds: float, channels: int = 2, rate: int = RATE) -> np.ndarray:
    """Chords, float32 [samples, channels]."""
    return tiny.song(seconds, channels, rate)


def delayed(stem: np.ndarray, samples: int) -> np.ndarray:
    """Stem that is later in its file by a number of samples; earlier if it is negative."""
    return np.pad(stem, ((samples, 0), (0, 0))) if samples > 0 else stem[-samples:]


def write(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """Writes samples in float32, or by the suffix in a compressed format."""
    soundfile.write(path, samples, rate, "FLOAT" if path.suffix == ".wav" else None)
    return path


def resampled(samples: np.ndarray, up: int, down: int) -> np.ndarray:
    """Samples at `up / down` times the rate, by another resampler than that of the decoding."""
    return signal.resample_poly(samples, up, down, axis=0).astype(np.float32)


def si_sdr(estimate: np.ndarray, truth: np.ndarray) -> float:
    """Scale-invariant signal-to-distortion ratio (Le Roux et al. 2019), decibels."""
    target = truth * (estimate * truth).sum() / np.square(truth).sum()
    return 10 * float(np.log10(np.square(target).sum() / np.square(estimate - target).sum()))
