"""Synthetic music: random chords of decaying notes with overtones, and a voice."""

import numpy as np
import soundfile
from scipy import signal

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


def voice(seed, seconds=12.0, rate=RATE, hertz=220.0, vibrato=50.0):
    """A sung scale with four formants, float32 [samples]: glides, vibrato in cents, random drift."""
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    cents, loudness, last, start = np.zeros_like(time), np.zeros_like(time), None, 0
    while start < len(time):
        note, end = (
            100 * random.choice([0, 2, 4, 5, 7, 9, 11, 12]),
            start + round(random.uniform(0.35, 0.9) * rate),
        )
        local = time[start:end] - time[start]
        glide = (0 if last is None else last - note) * np.exp(-local / 0.05)
        cents[start:end] = note + glide + vibrato * np.clip(local / 0.3, 0, 1) * np.sin(35 * local)
        loudness[start:end] = np.clip(local / 0.03, 0, 1) * np.clip((local[-1] - local) / 0.05, 0, 1)
        last, start = note, end
    cents += signal.lfilter([0.3], [1, -0.999], random.normal(size=len(time)))
    phase = np.cumsum(hertz * 2 ** (cents / 1200)) / rate
    sound = sum(np.cos(2 * np.pi * overtone * phase) / overtone for overtone in range(1, 25))
    for formant, width in ((700, 110), (1150, 120), (2800, 180), (3500, 250)):
        radius = np.exp(-np.pi * width / rate)
        sound = signal.lfilter(
            [1 - radius], [1, -2 * radius * np.cos(2 * np.pi * formant / rate), radius**2], sound
        )
    sound *= loudness
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def write(path, samples, rate=RATE, **settings):
    """Writes mono or, if `samples` has two dimensions, multichannel audio."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = samples[:, None] if samples.ndim == 1 else samples
    with soundfile.SoundFile(path, "w", rate, samples.shape[1], **settings) as file:
        for start in range(0, len(samples), 1 << 14):
            file.write(samples[start : start + (1 << 14)])
    return path
