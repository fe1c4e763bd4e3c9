"""Scale-invariant signal-to-distortion ratio of a signal in a mix."""

from __future__ import annotations

import numpy as np


def si_sdr(mix: np.ndarray, reference: np.ndarray) -> float:
    """Energy of a reference in a mix over the energy of all else in it.

    Le Roux, Wisdom, Erdogan and Hershey 2019, "SDR - half-baked or well done?": with the projection
    p = <mix, reference> / <reference, reference> * reference, it is |p|^2 / |mix - p|^2.

    Args:
        mix: float [samples], mono.
        reference: float [samples], aligned with the mix; the longer of the two is cut.

    Returns:
        Decibels, the same at any level of either; infinity if the mix is the reference, minus infinity if the
        two have nothing in common, NaN if either is silent.
    """
    length = min(len(mix), len(reference))
    mix, reference = (np.asarray(each[:length], np.float64) for each in (mix, reference))
    energy, energy_of_mix = reference @ reference, mix @ mix
    if not energy or not energy_of_mix:
        return float("nan")
    projection = mix @ reference / energy * reference
    rest = mix - projection
    with np.errstate(divide="ignore"):
        return float(10 * np.log10(np.divide(projection @ projection, rest @ rest)))
