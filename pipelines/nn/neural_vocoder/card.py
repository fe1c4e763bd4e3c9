"""Card of a vocoder; without TensorFlow."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class VocoderCard:
    """Model card of a vocoder: its origin, its context and the settings that inference needs.

    Attributes:
        preset: the preset that it was trained from.
        steps: training steps done.
        context_frames: a corrected frame depends on no frame further away than this, on either side.
        phase_bins: number of bins whose phases the network reads and rotates, from the lowest on.
        iterations: number of Griffin-Lim iterations after the network.
    """

    preset: str
    steps: int
    context_frames: int
    phase_bins: int
    iterations: int
