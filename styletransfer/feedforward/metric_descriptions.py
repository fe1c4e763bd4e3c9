"""Metric descriptions for TensorBoard: the expected course of each metric of a feed-forward style run."""

from __future__ import annotations

from pipelines.training.remedies import Remedies

CURVES = {
    "content": "Distance between the features of song and translation. Rises in the first steps, then falls "
    "slowly.",
    "style": "Distance to the band's mean Gram matrices: falls fast, then slowly; a batch has other chords "
    "than the band has on average, so it does not reach zero.",
    "variation": "Mean difference of neighbouring numbers: higher for plucked than for bowed sounds; if it "
    "falls to nothing, the sound is blurred.",
    "rate/transform": "The learning rate: constant, then straight to zero at the end.",
}

REMEDIES = Remedies(
    muting="Lower optimizer.rate, or raise loss.content.",
    too_loud="Lower optimizer.rate, or raise loss.content.",
    identity="Raise loss.style, lower loss.content, or train longer.",
    collapse="Raise loss.content or lower loss.style.",
)
"""Advice on what the watch finds."""
