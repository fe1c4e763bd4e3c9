"""Sizes of the transcription network; without Keras."""

from __future__ import annotations

import dataclasses

CONTRAST_GAIN = 5.0
"""Factor that brings the contrast to a standard deviation of about one."""


@dataclasses.dataclass(frozen=True)
class NetworkConfig:
    """Sizes of the transcription network (see transcriber/networks.py).

    Attributes:
        harmonics: multiples of a pitch's frequency that are stacked as channels.
        channels: width of the 2-D part, whose weights all pitches share.
        width: width of the 1-D trunk over all pitches.
        dilations: of the trunk's residual blocks, one number for each.
        contrast_width: mel bands around each with which it is contrasted.
        time_stride: frames packed into one position.
    """

    harmonics: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
    channels: int = 32
    width: int = 256
    dilations: tuple[int, ...] = (1, 2, 4)
    contrast_width: int = 33
    time_stride: int = 2


def context_frames(config: NetworkConfig) -> int:
    """Frames on either side that an output frame can depend on, a multiple of the time stride.

    The sum of one position for each convolution (stem, keys, refine and the head's), the dilation of each
    convolution of the trunk, and one position for the neighbours of a frame within its own.
    """
    return config.time_stride * (sum(config.dilations) + 5)
