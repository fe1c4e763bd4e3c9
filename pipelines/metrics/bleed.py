"""Bleed: the part of a recording that is a filtered copy of another one."""

from __future__ import annotations

import numpy as np
from scipy import fft, linalg

TAPS = 512
"""Length of the filters, 12 ms at 44.1 kHz, as in BSS Eval 3 (Vincent, Gribonval and Fevotte 2006)."""
SEGMENT_SECONDS = 30.0
"""Length of the segments, each with its own filters."""
_MIN_DB = -100.0
_RIDGE = 1e-9
"""Energy added to every reference, relative to its own: filters of low-passed references are not unique."""


def bleed(
    cover: np.ndarray, accompaniment: np.ndarray, voice: np.ndarray, sample_rate: int, taps: int = TAPS
) -> float:
    """Share of a cover that is the old accompaniment, filtered.

    Segment by segment, the cover is projected by least squares on the voice and the accompaniment, each
    delayed by -taps / 2 to taps / 2 - 1 samples. Bleed is what the accompaniment adds to the projection on
    the voice alone: the interference of BSS Eval, with filters that may be early as well as late.

    Args:
        cover: float [samples], mono.
        accompaniment: float [samples], aligned with the cover.
        voice: float [samples], likewise; the longer of the three are cut.
        sample_rate: of all, Hz.
        taps: length of the filters.

    Returns:
        Decibels relative to the cover's energy: 0 if it is the accompaniment, at any level and through any
        filter of that length; -100 at least; NaN if the cover is silent.
    """
    length = min(len(cover), len(accompaniment), len(voice))
    size = round(SEGMENT_SECONDS * sample_rate)
    explained = energy = 0.0
    for start in range(0, length, size):
        span = slice(start, min(start + size, length))
        mix, references = cover[span], (voice[span], accompaniment[span])
        explained += _projected(mix, references, taps) - _projected(mix, references[:1], taps)
        energy += float(np.square(mix, dtype=np.float64).sum())
    if not energy:
        return float("nan")
    return float(max(_MIN_DB, 10 * np.log10(max(explained / energy, 1e-20))))


def _projected(mix: np.ndarray, references: tuple[np.ndarray, ...], taps: int) -> float:
    """Energy of the projection of a mix [samples] on delayed references, [samples] each."""
    sounding = [reference for reference in references if np.any(reference)]
    if not sounding:
        return 0.0
    width = fft.next_fast_len(len(mix) + taps, real=True)
    early = np.pad(np.asarray(mix, np.float64), (taps // 2, 0))
    of_mix = fft.rfft(early, width)
    spectra = [fft.rfft(np.asarray(reference, np.float64), width) for reference in sounding]
    gram = np.block([[_gram(one, other, width, taps) for other in spectra] for one in spectra])
    gram += np.diag(_RIDGE * gram.diagonal())
    products = np.concatenate([fft.irfft(of_mix * each.conj(), width)[:taps] for each in spectra])
    return float(products @ linalg.solve(gram, products, assume_a="pos"))


def _gram(one: np.ndarray, other: np.ndarray, width: int, taps: int) -> np.ndarray:
    """Inner products of the delays of one reference (rows) with those of another: [taps, taps]."""
    correlation = fft.irfft(one * other.conj(), width)
    return linalg.toeplitz(correlation[(-np.arange(taps)) % width], correlation[:taps])
