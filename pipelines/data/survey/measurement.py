"""Measurement of one song in a worker process: decoded once, block by block. No TensorFlow."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import soxr

from pipelines.audio import files
from pipelines.audio.damage import Damage
from pipelines.audio.downmix import to_mono
from pipelines.audio.loudness import LoudnessMeter
from pipelines.data.survey.bandwidth import SpectrumMeter, UpperEnd
from pipelines.data.survey.frames import SAMPLE_RATE, Frames
from pipelines.data.survey.landmarks import LandmarkMeter
from pipelines.data.survey.rhythm import TempoMeter
from pipelines.data.survey.sample_levels import ClippingMeter, ImageMeter, SilenceMeter
from pipelines.data.survey.song_facts import SongFacts, SongMeasurements
from pipelines.data.survey.tuning import TuningMeter
from pipelines.data.survey.voice import VoiceMeter

_BLOCK_SECONDS = 10.0


def measure(path: Path) -> SongMeasurements:
    """Measures a song; memory hardly grows with its length.

    Args:
        path: an audio file, see `files.blocks`.

    Raises:
        UserError: if it cannot be read, see `files.read`.
    """
    info, damages = files.info(path), list[Damage]()
    full_rate, mono = _FullRateMeters(info), _MonoMeters(info.sample_rate)
    for block in files.blocks(path, info.sample_rate, _BLOCK_SECONDS, on_damage=damages.append):
        full_rate.add(block)
        mono.add(to_mono(block))
    mono.finish()
    facts = _facts(info, full_rate, mono, damages[0].reason if damages else "")
    return SongMeasurements(facts, full_rate.curve(), mono.landmarks.landmarks())


class _FullRateMeters:
    """Meters of all channels at the song's own sample rate."""

    def __init__(self, info: files.AudioInfo) -> None:
        self.samples = 0
        self.silence = SilenceMeter(info.sample_rate)
        self.clipping = ClippingMeter()
        self.image = ImageMeter()
        self.spectrum = SpectrumMeter(info.sample_rate)
        self.loudness = LoudnessMeter(info.sample_rate, info.channels)

    def add(self, block: np.ndarray) -> None:
        """Measures further samples, float32 [samples, channels]."""
        self.samples += len(block)
        for meter in (self.silence, self.clipping, self.image, self.spectrum, self.loudness):
            meter.add(block)

    def curve(self) -> np.ndarray:
        """Long-term spectrum at `CENTRES`, dB; NaN for silence."""
        curve = self.spectrum.curve()
        return curve if self.spectrum.has_sound else np.full_like(curve, np.nan)

    def end(self) -> UpperEnd:
        """Upper end of the spectrum; 0 Hz for silence."""
        return self.spectrum.end() if self.spectrum.has_sound else UpperEnd(0.0, False)


class _MonoMeters:
    """Meters of the mono downmix at 22.05 kHz, which is sufficient for notes and beats."""

    def __init__(self, sample_rate: int) -> None:
        self._resampler = soxr.ResampleStream(sample_rate, SAMPLE_RATE, 1, dtype="float32")
        self._frames = Frames()
        self.tempo, self.tuning, self.landmarks = TempoMeter(), TuningMeter(), LandmarkMeter()
        self.voice = VoiceMeter()

    def add(self, mono: np.ndarray, last: bool = False) -> None:
        """Measures further samples, float32 [samples], at the song's rate."""
        magnitudes = self._frames.magnitudes(self._resampler.resample_chunk(mono, last=last))
        for meter in (self.tempo, self.tuning, self.landmarks, self.voice):
            meter.add(magnitudes)

    def finish(self) -> None:
        """Measures the samples that remain in the resampler."""
        self.add(np.zeros(0, np.float32), last=True)


def _facts(info: files.AudioInfo, full_rate: _FullRateMeters, mono: _MonoMeters, damage: str) -> SongFacts:
    loudness, end = full_rate.loudness.integrated(), full_rate.end()
    lead_in, lead_out = full_rate.silence.ends()
    return SongFacts(
        seconds=round(full_rate.samples / info.sample_rate, 2),
        codec=info.codec,
        lossy=info.lossy,
        sample_rate=info.sample_rate,
        silence=round(full_rate.silence.share(), 4),
        lead_in=round(lead_in, 2),
        lead_out=round(lead_out, 2),
        clipping=round(full_rate.clipping.share(), 6),
        peak=round(full_rate.clipping.peak, 4),
        loudness=round(loudness, 2) if math.isfinite(loudness) else None,
        bandwidth=round(end.hertz),
        cut_off=end.is_edge,
        width_db=_rounded(full_rate.image.width_db(), 1),
        tempo=_rounded(mono.tempo.tempo(), 1),
        tuning=_rounded(mono.tuning.cents(), 1),
        voice=round(mono.voice.share(), 4),
        damage=damage,
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
