"""View of a source: what of a log-mel is not its timbre, for decoders to follow where posteriors are unsure.

Features are computed from the log-mel itself: the local contrast over frequency, in which partials stand
out of their surroundings and the spectral envelope is lost, and the rises of groups of bands, in which
strokes and onsets stand out; and, where a model asks for them, the levels of these groups, the dynamics. How
much a decoder follows the contrast and the levels is their presence; in the automatic setting that is as
large as the note posteriors are unsure.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import layers, ops

from pipelines.nn.blocks import register
from pipelines.nn.dials import AUTOMATIC
from pipelines.nn.pitches import PITCHES
from pipelines.nn.precision import EXACT

RISES = 16
"""Number of groups of bands whose rises are features, and perhaps their levels."""

SMOOTHING = 33
"""Frames on either side over which the uncertainty is averaged."""

_WIDTH = 33
"""Bands over which the contrast is local."""
_LEAST_DEVIATION = 0.04
"""Smallest deviation that a contrast is divided by, log-mel units: noise floors are not amplified."""
_LIMIT = 2.5
_RISE_GAIN, _RISE_LIMIT = 10.0, 3.0
LEVEL_UNIT = 0.1
"""Log-mel units (5.7 dB) that are 1 in the levels of groups."""
_LEVEL_LIMIT = 4.0
SURE, UNSURE = 1.07, 1.56
"""Relative variance of the posteriors of music that is transcribed surely, and of dense produced music.

Of the shipped transcriber, which is a little less sure than the one before it: of 33 recordings, rendered and
real, its variance is 0.99 times the other's plus 0.08 (correlation .999), and so are these two numbers.
"""
WHOLE = {"sure": -1.0, "unsure": 0.0}
"""Limits by which all music is unsure, so that the whole view is present at the automatic closeness."""
_EARLIER = {"sure": 1.0, "unsure": 1.5}
"""The same in networks that earlier versions saved, which contain that transcriber."""
_FEW_NOTES = 0.5


def contrast_bands(mels: int) -> int:
    """Number of bands of the contrast, the lowest 11 of 16: 6 kHz at the default spec."""
    return mels * 11 // 16


def contrast(log_mel: Any) -> Any:
    """Local contrast over frequency, in deviations of the 33 bands around each band.

    Args:
        log_mel: [batch, frames, mels].

    Returns:
        [batch, frames, contrast_bands(mels)], between -2.5 and 2.5.
    """
    difference = log_mel - averaged(log_mel, 1, _WIDTH)
    deviation = ops.sqrt(averaged(ops.square(difference), 1, _WIDTH) + _LEAST_DEVIATION**2)
    contrasts = ops.clip(difference / deviation, -_LIMIT, _LIMIT)
    return contrasts[:, :, : contrast_bands(log_mel.shape[2])]


def rises(log_mel: Any) -> Any:
    """Rises from frame to frame of the mean of each of 16 groups of bands; 0 where it falls.

    Args:
        log_mel: [batch, frames, mels], at least 16 bands; those that are left over by groups of equal size
            are the highest, and not used.

    Returns:
        [batch, frames, RISES], between 0 and 3 (0.3 log-mel units).
    """
    groups = grouped(log_mel)
    differences = ops.relu(groups[:, 1:] - groups[:, :-1])
    return ops.minimum(_RISE_GAIN * ops.pad(differences, [[0, 0], [1, 0], [0, 0]]), _RISE_LIMIT)


def grouped(log_mel: Any) -> Any:
    """Means of 16 groups of bands, [batch, frames, RISES], of a log-mel [batch, frames, mels]."""
    batch, frames, mels = ops.shape(log_mel)
    size = mels // RISES
    return ops.mean(ops.reshape(log_mel[:, :, : RISES * size], (batch, frames, RISES, size)), axis=-1)


def relative_variance(posteriors: Any) -> Any:
    """Variance of the sounding pitches, 4 p (1 - p), relative to their number; both averaged over 67 frames.

    Args:
        posteriors: probabilities, [batch, frames, classes], of which the first are the 88 sounding pitches.

    Returns:
        [batch, frames, 1].
    """
    chances = posteriors[:, :, :PITCHES]
    sums = (ops.sum(each, axis=-1, keepdims=True) for each in (4.0 * chances * (1.0 - chances), chances))
    variance, notes = (averaged(each, 2 * SMOOTHING + 1, 1) for each in sums)
    return variance / (notes + _FEW_NOTES)


def uncertainty(logits: Any, sure: float = SURE, unsure: float = UNSURE) -> Any:
    """Uncertainty of note posteriors: 0 for notes as of rendered music, 1 for those of dense, produced music.

    The relative variance of the shipped transcriber, measured on 30 s each, is 0.91 for the demo's rendered
    chorales (median of 11), and 1.82 for produced music, orchestral to metal (median of 22).
    (`python -m tools benchmark transcriber` prints it.)

    Args:
        logits: [batch, frames, classes], of which the first are the 88 sounding pitches.
        sure: relative variance of 0.
        unsure: relative variance of 1.

    Returns:
        [batch, frames, 1].
    """
    variance = relative_variance(ops.sigmoid(logits[:, :, :PITCHES]))
    return ops.clip((variance - sure) / (unsure - sure), 0.0, 1.0)


def presence(uncertain: Any, closeness: Any) -> Any:
    """Presence of the contrast: 0 at a closeness of 0, the uncertainty at 0.5, and 1 at 1.

    Args:
        uncertain: see `uncertainty`.
        closeness: [batch, 1, 1].
    """
    below = closeness / AUTOMATIC * uncertain
    above = uncertain + (closeness - AUTOMATIC) / (1.0 - AUTOMATIC) * (1.0 - uncertain)
    return ops.where(closeness < AUTOMATIC, below, above)


def averaged(x: Any, frames: int, bands: int) -> Any:
    """Moving average of [batch, frames, bands] over odd numbers of frames and bands, of those that exist."""
    return ops.average_pool(x[..., None], (frames, bands), strides=1, padding="same")[..., 0]


@register
class SourceView(layers.Layer):
    """View of a source at a closeness.

    Inputs: log-mel [batch, frames, mels, 1], note logits [batch, frames, classes] and closeness [batch].
    Outputs: contrast [batch, frames, bands], rises [batch, frames, RISES] and presence of the contrast
    [batch, frames, 1].
    """

    def __init__(self, sure: float = SURE, unsure: float = UNSURE, **kwargs: Any) -> None:
        """Creates the layer; see `uncertainty`."""
        super().__init__(**{"dtype": EXACT, **kwargs})
        self._limits = {"sure": sure, "unsure": unsure}

    def get_config(self) -> dict[str, Any]:
        """Configuration with the limits."""
        return {**super().get_config(), **self._limits}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SourceView:
        """Layer of a configuration, also of one that has no limits."""
        return cls(**{**_EARLIER, **config})

    def call(self, inputs: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        """Features, of a log-mel that is averaged over three frames for the contrast."""
        log_mel, logits, closeness = inputs
        bands = log_mel[..., 0]
        present = presence(uncertainty(logits, **self._limits), ops.reshape(closeness, (-1, 1, 1)))
        return contrast(averaged(bands, 3, 1)), rises(bands), present

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, Any, Any]:
        """Shapes of the outputs."""
        batch, frames, mels = input_shape[0][:3]
        return (batch, frames, contrast_bands(mels)), (batch, frames, RISES), (batch, frames, 1)


@register
class GroupLevels(layers.Layer):
    """Levels of the 16 groups of bands relative to their means in a domain, averaged over three frames.

    The means are a weight that is not trained; `set_domain` sets it.

    Input: log-mel [batch, frames, mels, 1]. Output: [batch, frames, RISES], in units of LEVEL_UNIT, between
    -4 and 4.
    """

    def __init__(self, **kwargs: Any) -> None:
        """Creates the layer, with means of 0."""
        super().__init__(**{"dtype": EXACT, **kwargs})
        self.means = self.add_weight(name="means", shape=(RISES,), initializer="zeros", trainable=False)

    def call(self, log_mel: Any) -> Any:
        """Levels of a log-mel."""
        levels = (grouped(averaged(log_mel[..., 0], 3, 1)) - self.means) / LEVEL_UNIT
        return ops.clip(levels, -_LEVEL_LIMIT, _LEVEL_LIMIT)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Shape of the levels."""
        return (*input_shape[:2], RISES)

    def set_domain(self, log_mels: np.ndarray) -> None:
        """Sets the means to those of a domain's clips, [clips, frames, mels, 1]."""
        of_bands = log_mels.mean(axis=(0, 1))[None, None, :, 0]
        self.means.assign(grouped(of_bands)[0, 0])
