"""Spectrogram merge: the style's envelopes on the content's excitation, frame by frame.

Content and style are each separated into a harmonic and a percussive part (Fitzgerald 2010, as in librosa).
In a frame of the content, each part is its envelope, drawn in a few mel bands, times what remains: the
excitation, which has the notes. Its envelope is replaced by the mean one of those frames of the style that
have the same chord and level, so that a chord sounds as the style's chords of these notes do. Each part keeps
the energy that it has in a frame.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable

import librosa
import numpy as np
from scipy import ndimage
from sklearn.neighbors import NearestNeighbors

from pipelines.audio.mel_filters import mel_matrix
from pipelines.audio.spec import AudioSpec
from styletransfer.config import Config
from styletransfer.optimization import Tick

_TINY = 1e-6
_SILENCE_DB = -60.0
"""Frames of the style that are so much softer than its loudest have no envelope worth taking."""


class Merge:
    """Replacement of the envelopes of a window by those of a style; a window is one tick."""

    steps = 1

    def __init__(self, config: Config, style: Iterable[np.ndarray]) -> None:
        """Computes the envelopes of the style.

        Args:
            config: see `Config`.
            style: magnitudes, float32 [frames, bins] each.
        """
        self._config = config
        songs = list(style)
        every = np.concatenate([keys(config, song) for song in songs])
        loud = every[:, -1] > every[:, -1].max() + _level(config, _SILENCE_DB)
        drawn = zip(
            *([_envelopes(config, part) for part in parts(config, song)] for song in songs), strict=True
        )
        # Harmonic and percussive: float32 [frames, bands] each.
        self._envelopes = [np.concatenate(part)[loud] for part in drawn]
        count = min(config.merge.neighbours, int(loud.sum()))
        self._nearest = NearestNeighbors(n_neighbors=count).fit(every[loud])

    def __call__(self, magnitude: np.ndarray, begun: np.ndarray, tick: Tick) -> np.ndarray:
        """Stylises a window.

        Args:
            magnitude: of the content, float32 [frames, bins].
            begun: not used.
            tick: called at the end.

        Returns:
            Magnitudes, float32 [frames, bins].
        """
        near = self._nearest.kneighbors(keys(self._config, magnitude), return_distance=False)
        merged = [
            self._with_envelope(part, envelopes[near].mean(axis=1))
            for part, envelopes in zip(parts(self._config, magnitude), self._envelopes, strict=True)
        ]
        tick(1)
        return np.sum(merged, axis=0)

    def _with_envelope(self, part: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """A part [frames, bins] with other envelopes, [frames, bands], and the same energy in every frame."""
        config, how = self._config, self._config.merge
        wanted = ndimage.uniform_filter1d(wanted, how.smoothing, axis=0)
        limit = how.limit * np.log(10) / 20
        change = np.clip((1 - config.alpha) * (wanted - _envelopes(config, part)), -limit, limit)
        changed = part * np.exp(change @ _spreading(_bands(config)))
        return changed * (_norm(part) / np.maximum(_norm(changed), _TINY))


def parts(config: Config, magnitude: np.ndarray) -> list[np.ndarray]:
    """The harmonic and the percussive part, whose sum is the whole: float32 [frames, bins] each."""
    how = config.merge
    harmonic, percussive = librosa.decompose.hpss(magnitude.T, kernel_size=how.kernel)
    return [np.ascontiguousarray(part.T) for part in (harmonic, percussive)]


def keys(config: Config, magnitude: np.ndarray) -> np.ndarray:
    """Features for the nearest-neighbour search: unit-norm chroma and the level; float32 [frames, 13]."""
    spec = config.spec
    chroma = librosa.feature.chroma_stft(
        S=np.square(magnitude.T), sr=spec.sample_rate, n_fft=spec.n_fft, tuning=0.0, norm=2
    )
    decibels = 20 * np.log10(np.maximum(_norm(magnitude), _TINY))
    return np.concatenate([chroma.T, _level(config, decibels)], axis=1).astype(np.float32)


def _level(config: Config, decibels: np.ndarray | float) -> np.ndarray | float:
    return config.merge.level_weight / 6 * decibels


def _envelopes(config: Config, part: np.ndarray) -> np.ndarray:
    """Log envelopes of frames, float32 [frames, bands], of no level: their mean over the bands is 0."""
    energies = np.log(np.sqrt(np.square(part) @ mel_matrix(_bands(config))) + _TINY)
    return energies - energies.mean(axis=1, keepdims=True)


def _bands(config: Config) -> AudioSpec:
    """The spec with the few bands of an envelope."""
    return dataclasses.replace(config.spec, n_mels=config.merge.envelope_bands)


@functools.lru_cache
def _spreading(spec: AudioSpec) -> np.ndarray:
    """float32 [bands, bins]: a bin has the weighted mean of its bands; if it has none, its neighbour's."""
    matrix = mel_matrix(spec)
    inside = np.flatnonzero(matrix.sum(axis=1))
    nearest = inside[np.abs(np.arange(spec.n_bins)[:, None] - inside).argmin(axis=1)]
    rows = matrix[nearest]
    return (rows / rows.sum(axis=1, keepdims=True)).T


def _norm(frames: np.ndarray) -> np.ndarray:
    return np.linalg.norm(frames, axis=1, keepdims=True)
