"""A recording with lazily computed features that several columns share. No TensorFlow."""

from __future__ import annotations

import functools

import librosa
import numpy as np

from pipelines.audio.spec import AudioSpec
from pipelines.metrics import (
    basic_pitch,
    content,
    distances,
    multipitch,
    self_similarity,
    sharpness,
    statistics,
)
from pipelines.metrics.embedding import TimbreEmbedding
from pipelines.metrics.musicnn import MusiCNN


class Recording:
    """Mono waveform at the training loudness, and its features, each computed once on first access.

    Attributes:
        waveform: float32 [samples].
        spec: gives the sample rate, and frames and bands of the log-mel.
    """

    def __init__(self, waveform: np.ndarray, spec: AudioSpec) -> None:
        """Stores the waveform without computing features."""
        self.waveform = waveform
        self.spec = spec

    @property
    def sample_rate(self) -> int:
        """Sample rate, Hz."""
        return self.spec.sample_rate

    @functools.cached_property
    def mel_db(self) -> np.ndarray:
        """Log-mel of the translators in decibels above the magnitude 1, float32 [n_mels, frames].

        Equal to `features.log_mel` in decibels, but without TensorFlow, which takes seconds to load in
        every worker process.
        """
        magnitude = np.abs(
            librosa.stft(
                self.waveform,
                n_fft=self.spec.n_fft,
                hop_length=self.spec.hop_length,
                pad_mode="constant",
            )
        )
        return 20 * np.log10(np.maximum(_filters(self.spec) @ magnitude, self.spec.floor))

    @functools.cached_property
    def chroma(self) -> np.ndarray:
        """Chroma vectors, [12, frames]."""
        return distances.chroma(self.waveform, self.sample_rate)

    @functools.cached_property
    def onsets(self) -> np.ndarray:
        """Note onsets, seconds, float64 [onsets]."""
        return content.onset_times(self.waveform, self.sample_rate)

    @functools.cached_property
    def beats(self) -> np.ndarray:
        """Beats, seconds, see `self_similarity.beat_times`."""
        return self_similarity.beat_times(self.waveform, self.sample_rate)

    @functools.cached_property
    def notes(self) -> np.ndarray:
        """Notes by basic-pitch, see `basic_pitch.notes`."""
        return basic_pitch.notes(basic_pitch.posteriors(_basic_pitch(), self.waveform, self.sample_rate))

    @functools.cached_property
    def musicnn(self) -> np.ndarray:
        """Features of musicnn of every window that is not silent, [windows, 200], see `MusiCNN.embed`."""
        return _musicnn().embed(self.waveform, self.sample_rate)

    @functools.cached_property
    def pitches(self) -> multipitch.Pitches:
        """Multipitch estimate, see `multipitch.estimate`."""
        return multipitch.estimate(self.waveform, self.sample_rate)

    @functools.cached_property
    def embedding(self) -> np.ndarray:
        """Timbre embedding of every window, float32 [windows, 64]."""
        return _embedding().embed(self.waveform, self.sample_rate)

    @functools.cached_property
    def statistics(self) -> np.ndarray:
        """Style statistics of every second, [seconds, d], see `style_statistics`."""
        return statistics.style_statistics(self.waveform, self.sample_rate)

    @functools.cached_property
    def contrast(self) -> np.ndarray:
        """Contrast of the log-mel over time and frequency, [1, 2], see `sharpness.contrast`."""
        return np.array([sharpness.contrast(self.mel_db)])


@functools.lru_cache
def _filters(spec: AudioSpec) -> np.ndarray:
    return librosa.filters.mel(
        sr=spec.sample_rate, n_fft=spec.n_fft, n_mels=spec.n_mels, fmin=spec.fmin, fmax=spec.fmax
    )


@functools.lru_cache
def _basic_pitch() -> basic_pitch.Network:
    return basic_pitch.load()


@functools.lru_cache
def _musicnn() -> MusiCNN:
    return MusiCNN.load()


@functools.lru_cache
def _embedding() -> TimbreEmbedding:
    return TimbreEmbedding.load()
