"""What every trained family can be told of its clips."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """What one step sees.

    Attributes:
        frames: length of a clip.
        batch_size: clips, of each domain where there are two.
    """

    frames: int = 64
    batch_size: int = 8
