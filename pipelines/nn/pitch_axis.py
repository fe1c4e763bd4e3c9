"""From mel bands to pitches, with the harmonics of each laid beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from pipelines.audio.spec import AudioSpec
from pipelines.nn.pitches import BINS, PITCHES, interpolation


@keras.saving.register_keras_serializable(package="coverband")
class PitchAxis(layers.Layer):
    """Reads a mel spectrum at the harmonics of every half semitone, so that a chord is a sum of one pattern.

    Between mel bands it interpolates; harmonics above the highest band read as silence (zero).

    Input [batch, positions, n_mels, channels];
    output [batch, positions, PITCHES * BINS, harmonics * channels].
    """

    def __init__(self, spec: AudioSpec | dict[str, Any], harmonics: Sequence[float], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = AudioSpec.from_dict(spec) if isinstance(spec, dict) else spec
        self.harmonics = tuple(harmonics)

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Makes the constant matrix."""
        self.matrix = np.concatenate([interpolation(self.spec, h) for h in self.harmonics], axis=1)

    def call(self, x: Any) -> Any:
        """One matrix product."""
        batch, positions, mels, channels = ops.shape(x)
        rows = ops.reshape(ops.transpose(x, (0, 1, 3, 2)), (-1, mels))
        read = ops.reshape(
            ops.matmul(rows, self.matrix), (batch, positions, channels, len(self.harmonics), PITCHES * BINS)
        )
        read = ops.transpose(read, (0, 1, 4, 3, 2))
        return ops.reshape(read, (batch, positions, PITCHES * BINS, len(self.harmonics) * channels))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "spec": self.spec.to_dict(), "harmonics": list(self.harmonics)}
