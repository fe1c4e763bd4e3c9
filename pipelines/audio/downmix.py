"""Downmix of surround channels to stereo by their layout, and of stereo to mono."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_HALF = 0.5**0.5
# Weights into (left, right) by FFmpeg's names of loudspeakers. After ITU-R BS.775-3, annex 4: centre and
# surrounds at -3 dB, no low-frequency effects channel.
_LEFT, _RIGHT = ("FL", "DL", "WL", "FLC"), ("FR", "DR", "WR", "FRC")
_LEFT_SURROUND, _RIGHT_SURROUND = ("BL", "SL", "TFL", "TBL"), ("BR", "SR", "TFR", "TBR")
_CENTRE = ("FC", "BC", "TC", "TFC", "TBC")
_EFFECTS = ("LFE", "LFE2")
_WEIGHTS = {
    **dict.fromkeys(_LEFT, (1.0, 0.0)),
    **dict.fromkeys(_RIGHT, (0.0, 1.0)),
    **dict.fromkeys(_LEFT_SURROUND, (_HALF, 0.0)),
    **dict.fromkeys(_RIGHT_SURROUND, (0.0, _HALF)),
    **dict.fromkeys(_CENTRE, (_HALF, _HALF)),
    **dict.fromkeys(_EFFECTS, (0.0, 0.0)),
}
# Default layouts by the number of channels, in the order of WAVE files.
_UNNAMED = {
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}


def to_stereo(samples: np.ndarray, layout: Sequence[str] = ()) -> np.ndarray:
    """Downmixes surround to stereo; mono and stereo are returned unchanged.

    The weights are divided by their sum, so that the mix of full-scale channels does not clip. Of an unknown
    layout, the first two channels are kept.

    Args:
        samples: float32 [samples, channels].
        layout: FFmpeg's names of the channels; empty for the default layout.

    Returns:
        float32 [samples, 1 or 2].
    """
    channels = samples.shape[1]
    if channels <= 2:
        return samples
    if not all(name in _WEIGHTS for name in layout) or len(layout) != channels:
        layout = _UNNAMED.get(channels, ())
    weights = np.array([_WEIGHTS[name] for name in layout], np.float32).reshape(-1, 2)
    if not (weights.sum(axis=0) > 0).all():
        return samples[:, :2]
    return samples @ (weights / weights.sum(axis=0))


def to_mono(samples: np.ndarray) -> np.ndarray:
    """Mean of one or two channels; much faster than `numpy.mean` along a short axis.

    Args:
        samples: float32 [samples, 1 or 2].

    Returns:
        float32 [samples].
    """
    if samples.shape[1] == 1:
        return samples[:, 0]
    return (samples[:, 0] + samples[:, 1]) * np.float32(0.5)
