"""Audio effects of a recording chain, which leave the notes and their times unchanged."""

from __future__ import annotations

import io
from collections.abc import Callable

import av
import numpy as np
from scipy import signal

from tools.rendering.synth import SAMPLE_RATE
from tools.rendering.transcription.encoding import normalised

Effect = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""Effect on float32 [samples, 2] with a random generator; the output has the same shape and any level."""

_EQ_BANDS, _EQ_DB = 8, 10.0
_LOWEST, _HIGHEST = 30.0, 16000.0
_FLOOR = 1e-6
_LOUD_LUFS = -8.0
_AAC_DELAY = 1024  # samples with which FFmpeg's encoder begins


def equaliser(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Equaliser with a smooth random curve over the octaves, zero phase."""
    spectrum = np.fft.rfft(samples, axis=0)
    frequencies = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    knots = np.linspace(np.log(_LOWEST), np.log(_HIGHEST), _EQ_BANDS)
    heights = np.clip(rng.normal(0, _EQ_DB / 2, _EQ_BANDS), -_EQ_DB, _EQ_DB)
    curve = np.interp(np.log(np.maximum(frequencies, _LOWEST)), knots, heights)
    return _float(np.fft.irfft(spectrum * 10 ** (curve[:, None] / 20), len(samples), axis=0))


def reverberation(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Reverberation by decaying noise, 0.15 to 2.5 s, at most 30 ms after the direct sound."""
    decay, wet = np.exp(rng.uniform(np.log(0.15), np.log(2.5))), rng.uniform(0.05, 0.4)
    time = np.arange(round(decay * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.normal(size=(len(time), 2)) * 10 ** (-3 * time / decay)[:, None]
    tail = signal.lfilter(*signal.butter(1, rng.uniform(2000, 9000), fs=SAMPLE_RATE), tail, axis=0)
    late = np.zeros((round(rng.uniform(0.002, 0.03) * SAMPLE_RATE), 2))
    reverb = signal.fftconvolve(samples, np.concatenate([late, tail]), axes=0)[: len(samples)]
    return _float((1 - wet) * samples + wet * reverb * _level(samples) / _level(reverb))


def compression(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Compressor with a time constant of 5 to 50 ms, without look-ahead."""
    seconds, ratio = rng.uniform(0.005, 0.05), rng.uniform(2, 8)
    keep = np.exp(-1 / (seconds * SAMPLE_RATE))
    power = signal.lfilter([1 - keep], [1, -keep], (samples**2).mean(axis=1))
    level = 10 * np.log10(np.maximum(power, _FLOOR**2))
    threshold = 20 * np.log10(_level(samples) + _FLOOR) + rng.uniform(-15, 0)
    gain = -np.maximum(level - threshold, 0) * (1 - 1 / ratio)
    return _float(samples * 10 ** (gain[:, None] / 20))


def saturation(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Saturation of an overdriven amplifier."""
    drive = rng.uniform(0.3, 2.5) / (3 * _level(samples) + _FLOOR)
    return _float(np.tanh(samples * drive))


def amplifier(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Overdriven amplifier of one instrument with its loudspeaker, at a level of 1 where it plays.

    Unlike `saturation` of a mixture, it holds decaying notes at one level, and adds sums and differences of
    the partials of a chord.
    """
    playing = np.abs(samples).max(axis=1) >= 0.01 * np.abs(samples).max()
    drive, bias = 10 ** rng.uniform(0.3, 1.5) / (_level(samples[playing]) + _FLOOR), rng.uniform(-0.3, 0.3)
    driven = np.tanh(drive * samples + bias) - np.tanh(bias)
    band = [rng.uniform(60, 120), rng.uniform(3000, 6000)]
    heard = signal.sosfilt(signal.butter(2, band, "band", fs=SAMPLE_RATE, output="sos"), driven, axis=0)
    return _float(heard / (_level(heard) + _FLOOR))


def limiter(samples: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Limiter of loud records: -8 LUFS below full scale, peaks clipped softly."""
    return normalised(samples, _LOUD_LUFS)


def aac(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Coding by AAC at 64 to 160 kbit/s, and decoding, without its delay."""
    file = io.BytesIO()
    with av.open(file, "w", format="adts") as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        stream.bit_rate = int(rng.choice([64_000, 96_000, 128_000, 160_000]))
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), "fltp", "stereo")
        frame.sample_rate = SAMPLE_RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(io.BytesIO(file.getvalue())) as container:
        decoded = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    return _float(decoded.T[_AAC_DELAY : _AAC_DELAY + len(samples)])


def noise(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """White, pink or brown noise, or mains hum, 15 to 50 dB below the signal."""
    kind = rng.choice(["white", "pink", "brown", "hum"])
    added = _hum(len(samples), rng) if kind == "hum" else _coloured(len(samples), str(kind), rng)
    return _mixed(samples, added, rng.uniform(15, 50))


def bursts(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bursts of band-limited noise, as of applause, doors and consonants."""
    added = np.zeros_like(samples, dtype=np.float64)
    for _ in range(rng.integers(3, 25)):
        length = round(rng.uniform(0.02, 0.6) * SAMPLE_RATE)
        start = rng.integers(0, max(len(samples) - length, 1))
        low = np.exp(rng.uniform(np.log(150), np.log(6000)))
        band = [low, min(low * rng.uniform(2, 6), 0.45 * SAMPLE_RATE)]
        filtered = signal.lfilter(*signal.butter(1, band, "band", fs=SAMPLE_RATE), rng.normal(size=length))
        shape = np.sin(np.pi * np.linspace(0, 1, length)) ** 2
        added[start : start + length] += (filtered * shape)[: len(samples) - start, None] * rng.uniform(
            0.2, 1
        )
    return _mixed(samples, added, rng.uniform(8, 30))


def crackle(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Surface noise of a vinyl record: clicks and hiss."""
    clicks = np.zeros((len(samples), 2))
    places = rng.integers(0, len(samples), round(len(samples) / SAMPLE_RATE * rng.uniform(3, 40)))
    clicks[places] = rng.normal(size=(len(places), 1)) ** 3
    clicks = signal.lfilter(*signal.butter(1, rng.uniform(2000, 8000), fs=SAMPLE_RATE), clicks, axis=0)
    hiss = _coloured(len(samples), "pink", rng)
    return _mixed(samples, clicks / _level(clicks) + 0.3 * hiss / _level(hiss), rng.uniform(18, 40))


def narrow(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Zero-phase band-pass of a small loudspeaker or a telephone."""
    band = [rng.uniform(60, 250), rng.uniform(3500, 9000)]
    return _float(
        signal.sosfiltfilt(signal.butter(2, band, "band", fs=SAMPLE_RATE, output="sos"), samples, axis=0)
    )


def low_pass(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Zero-phase low-pass at 11 or 16 kHz, of old and of strongly coded files."""
    corner = rng.choice([11000.0, 16000.0])
    return _float(signal.sosfiltfilt(signal.butter(8, corner, fs=SAMPLE_RATE, output="sos"), samples, axis=0))


EFFECTS: dict[str, tuple[Effect, float]] = {
    "equaliser": (equaliser, 0.5),
    "saturation": (saturation, 0.2),
    "compression": (compression, 0.35),
    "reverberation": (reverberation, 0.5),
    "narrow": (narrow, 0.1),
    "bursts": (bursts, 0.15),
    "noise": (noise, 0.3),
    "crackle": (crackle, 0.08),
}
"""Effects by name with their probabilities, in order of application."""

PRODUCTION: dict[str, tuple[Effect, float]] = {
    "equaliser": (equaliser, 0.6),
    "saturation": (saturation, 0.4),
    "compression": (compression, 0.5),
    "reverberation": (reverberation, 0.6),
    "narrow": (narrow, 0.05),
    "low pass": (low_pass, 0.25),
    "bursts": (bursts, 0.15),
    "noise": (noise, 0.3),
    "crackle": (crackle, 0.05),
    "limiter": (limiter, 0.3),
    "aac": (aac, 0.1),
}
"""The same for twins, which sound more like records: denser, louder, in rooms."""


def apply(samples: np.ndarray, names: tuple[str, ...], seed: int) -> np.ndarray:
    """Recording with effects.

    Args:
        samples: float32 [samples, 2] at SAMPLE_RATE.
        names: keys of PRODUCTION; other names are ignored.
        seed: random seed.
    """
    rng = np.random.default_rng(seed)
    for name in names:
        if name in PRODUCTION:
            samples = PRODUCTION[name][0](samples, rng)
    return samples


def _hum(length: int, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(length) / SAMPLE_RATE
    frequency = rng.choice([50.0, 60.0])
    parts = [rng.uniform(0, 1) / n * np.sin(2 * np.pi * frequency * n * time) for n in (1, 2, 3, 5)]
    return np.repeat(np.sum(parts, axis=0)[:, None], 2, axis=1)


def _coloured(length: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    slope = {"white": 0.0, "pink": 0.5, "brown": 1.0}[kind]
    spectrum = np.fft.rfft(rng.normal(size=(length, 2)), axis=0)
    frequencies = np.maximum(np.fft.rfftfreq(length, 1 / SAMPLE_RATE), 20.0)
    return np.fft.irfft(spectrum / frequencies[:, None] ** slope, length, axis=0)


def _mixed(samples: np.ndarray, added: np.ndarray, below: float) -> np.ndarray:
    """Samples with added noise, `below` dB under their level."""
    gain = _level(samples) / (_level(added) + _FLOOR) * 10 ** (-below / 20)
    return _float(samples + gain * added)


def _level(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))


def _float(samples: np.ndarray) -> np.ndarray:
    return samples.astype(np.float32)
