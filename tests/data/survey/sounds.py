"""Music-like sound: a random melody over random chords, decaying notes with overtones."""

import numpy as np
import soundfile

RATE = 44100


def music(seed, seconds=12.0, rate=RATE, tuning=0.0):
    """float32 [samples]; `tuning` in cents from 440 Hz."""
    random = np.random.default_rng(seed)
    samples = np.zeros(round(seconds * rate))
    starts = np.cumsum(random.choice([0.2, 0.3, 0.45], 200))
    for start in starts[starts < seconds - 0.3]:
        length = random.uniform(0.3, 1.0)
        time = np.arange(min(round(length * rate), len(samples) - round(start * rate))) / rate
        for note in random.integers(50, 85, 2):
            hertz = 440 * 2 ** ((note - 69 + tuning / 100) / 12)
            for overtone in range(1, 7):
                phase = 2 * np.pi * (hertz * overtone * time + random.uniform())
                tone = np.sin(phase) * np.exp(-3 * time) / overtone
                samples[round(start * rate) :][: len(time)] += tone
    return (0.3 * samples / np.abs(samples).max()).astype(np.float32)


def write(path, samples, rate=RATE, **settings):
    """One channel unless `samples` has two dimensions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = samples[:, None] if samples.ndim == 1 else samples
    with soundfile.SoundFile(path, "w", rate, samples.shape[1], **settings) as file:
        for start in range(0, len(samples), 1 << 14):
            file.write(samples[start : start + (1 << 14)])
    return path
