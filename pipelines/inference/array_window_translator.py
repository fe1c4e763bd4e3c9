"""Translation of one window of a song on NumPy arrays, without TensorFlow."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from pipelines.audio.arrays.mel import magnitude_to_log_mel
from pipelines.audio.arrays.stereo import mono_magnitude
from pipelines.audio.arrays.stft import stft
from pipelines.inference.window_translation import Operations, WindowFn, WindowTranslation

ARRAYS = Operations(
    xp=np,
    stft=stft,
    log_mel=magnitude_to_log_mel,
    mono_magnitude=mono_magnitude,
)


class ArrayWindowTranslator(WindowTranslation):
    """Window translator on arrays, of a network that takes and returns them."""

    operations: ClassVar[Operations] = ARRAYS
    threads: ClassVar[int] = 2
    """While the network of a window is computed, the signal path of another one is."""

    def compiled(self) -> WindowFn:
        """The translator itself: nothing is compiled."""
        return self
