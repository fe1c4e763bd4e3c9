"""Recordings of more than two channels, mixed to stereo."""

from __future__ import annotations

import numpy as np

_HALF = 0.5**0.5
# Weights into (left, right) per channel in the order of WAVE files. After ITU-R BS.775-3, annex 4: centre and
# surrounds at -3 dB, no low-frequency effects channel.
_FRONT = [(1.0, 0.0), (0.0, 1.0)]
_CENTRE, _EFFECTS = [(_HALF, _HALF)], [(0.0, 0.0)]
_SURROUND = [(_HALF, 0.0), (0.0, _HALF)]
_LAYOUTS = {
    3: _FRONT + _CENTRE,
    4: _FRONT + _SURROUND,
    5: _FRONT + _CENTRE + _SURROUND,
    6: _FRONT + _CENTRE + _EFFECTS + _SURROUND,
    7: _FRONT + _CENTRE + _EFFECTS + _CENTRE + _SURROUND,
    8: _FRONT + _CENTRE + _EFFECTS + _SURROUND + _SURROUND,
}


def to_stereo(samples: np.ndarray) -> np.ndarray:
    """Mixes surround to stereo; mono and stereo come back as they are.

    The weights are divided by their sum, so that the mix of full-scale channels does not clip. Of more
    than eight channels, which no common layout has, the first two are kept.

    Args:
        samples: float32 [samples, channels].

    Returns:
        float32 [samples, 1 or 2].
    """
    channels = samples.shape[1]
    if channels <= 2:
        return samples
    if channels not in _LAYOUTS:
        return samples[:, :2]
    weights = np.array(_LAYOUTS[channels], np.float32)
    return samples @ (weights / weights.sum(axis=0))
