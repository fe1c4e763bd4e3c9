"""Offset, gains and share of a stem in the mix that contains it, by cross-correlation in blocks."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator

import numpy as np
from scipy import fft, ndimage

from pipelines.audio.downmix import to_mono
from pipelines.audio.streams import block_spans, overlapping_segments

_SMOOTHING_HZ = 20.0
"""Width over which the power spectrum of the weighting is averaged."""
_FLOOR = 1e-6
"""Smallest power of the weighting relative to the mean."""
_GUARD_SECONDS = 0.1
"""Lags beyond the searched ones: there the edges of the blocks correlate with those of the segments."""
_BAND_HZ = (300.0, 3400.0)
"""Band of telephones: below it basses correlate by chance, above it codecs change the stem."""
_TINY = float(np.finfo(np.float64).tiny)


@dataclasses.dataclass(frozen=True)
class Projection:
    """Least-squares projection of a mix on an aligned stem.

    Attributes:
        gains: of the stem, float32 [1] for all channels, or [channels] if the stem is mono.
        share: energy of the projection relative to that of the mix, 0 to 1.
    """

    gains: np.ndarray
    share: float


def find_offset(
    mix: Iterator[np.ndarray],
    stem: Iterator[np.ndarray],
    *,
    samples: int,
    sample_rate: int,
    max_lag: int,
    size: int,
) -> int:
    """Offset of a stem: the number of samples by which it is later in its file than in the mix.

    The cross-correlation of the downmixes over the whole song in the band of telephones, weighted by the
    inverse power of the mix (Roth 1971), the matched filter if the rest of the mix is louder than the stem.
    Its spectra are summed over blocks, so that memory does not grow with the length.

    Args:
        mix: float32 [samples, channels], blocks of `size` samples but the last.
        stem: float32 [samples, channels], of any length.
        samples: length of the mix.
        sample_rate: Hz.
        max_lag: largest offset that is searched.
        size: of the blocks.
    """
    guard = round(_GUARD_SECONDS * sample_rate)
    margin = max_lag + guard
    spans = block_spans(samples, size, after=2 * margin)
    width = fft.next_fast_len(min(size, samples) + 2 * margin, real=True)
    bins = width // 2 + 1
    cross, power = np.zeros(bins, np.complex128), np.zeros(bins)
    for block, segment in zip(mix, overlapping_segments(stem, spans, margin), strict=True):
        of_mix, of_stem = fft.rfft(to_mono(block), width), fft.rfft(to_mono(segment), width)
        cross += of_stem * of_mix.conj()
        power += np.square(np.abs(of_mix))
    cross *= _weights(power, sample_rate)
    correlation = fft.irfft(cross, width)[guard : guard + 2 * max_lag + 1]
    return int(np.argmax(np.abs(correlation))) - max_lag


def project(mix: Iterator[np.ndarray], stem: Iterator[np.ndarray], sample_rate: int) -> Projection:
    """Projects a mix on an aligned stem, in the band of telephones.

    Args:
        mix: float32 [samples, channels], in blocks.
        stem: float32 [samples, 1 or channels], in blocks of the same lengths.
        sample_rate: Hz.
    """
    products, energies, mix_energies = np.zeros(1), np.zeros(1), np.zeros(1)
    band_of_mix, band_of_stem = _BandPass(sample_rate), _BandPass(sample_rate)
    for block, segment in zip(mix, stem, strict=True):
        of_mix, of_stem = band_of_mix.add(block), band_of_stem.add(segment)
        products = products + _inner(of_mix, of_stem)
        energies = energies + _inner(of_stem, of_stem)
        mix_energies = mix_energies + _inner(of_mix, of_mix)
    if len(energies) == len(products):  # as many channels: one gain
        products, energies = products.sum(keepdims=True), energies.sum(keepdims=True)
    gains = products / np.maximum(energies, _TINY)
    share = float((gains * products).sum() / max(mix_energies.sum(), _TINY))
    return Projection(gains.astype(np.float32), share)


class _BandPass:
    """Streaming filter of a band."""

    def __init__(self, sample_rate: int) -> None:
        from scipy import signal  # here, since it takes half a second, and most songs have no stem

        self._sections = signal.butter(2, _band(sample_rate), "bandpass", fs=sample_rate, output="sos")
        self._filtered = functools.partial(signal.sosfilt, self._sections, axis=0)
        self._state: np.ndarray | None = None

    def add(self, block: np.ndarray) -> np.ndarray:
        """Filtered samples, float64 [samples, channels]; the filter continues from the previous block."""
        if self._state is None:
            self._state = np.zeros((len(self._sections), 2, block.shape[1]))
        filtered, self._state = self._filtered(block, zi=self._state)
        return filtered


def _inner(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Inner products of the channels, float64 [channels]; a single channel is paired with all."""
    return np.einsum("sc,sc->c", *np.broadcast_arrays(left, right), dtype=np.float64)


def _weights(power: np.ndarray, sample_rate: int) -> np.ndarray:
    """Inverse of a smoothed power spectrum [bins] in the band, 0 outside it."""
    frequencies = np.linspace(0, sample_rate / 2, len(power))
    low, high = _band(sample_rate)
    width = max(1, round(_SMOOTHING_HZ * 2 * len(power) / sample_rate))
    smoothed = ndimage.uniform_filter1d(power, width, mode="nearest") + _FLOOR * power.mean() + _TINY
    return ((frequencies >= low) & (frequencies <= high)) / smoothed


def _band(sample_rate: int) -> tuple[float, float]:
    """The band, Hz, below the Nyquist frequency."""
    return _BAND_HZ[0], min(_BAND_HZ[1], 0.45 * sample_rate)
