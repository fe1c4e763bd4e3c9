"""Metric descriptions for TensorBoard: the expected course of each metric of a transcriber run."""

from __future__ import annotations

CURVES = {
    "sounding": "Cross entropy of the pitches that sound. Falls fast at first, then slowly.",
    "onset": "Cross entropy of the pitches that begin; an onset counts more than its absence.",
    "drums": "Cross entropy of drum strokes; uneven, because only some clips have drums.",
    "rate/transcriber": "The learning rate: constant, then straight to zero at the end.",
    "f1/frame": "Of the validation lessons, pitches that sound, frame by frame. Rises; see the preset's "
    "docstring for what to expect.",
    "f1/onset": "Notes whose onset and pitch are right, within 50 ms.",
    "f1/note": "Notes whose onset, pitch and end are right, the end within 50 ms or a fifth of the note.",
    "f1/drums": "Strokes of the right class, within 50 ms.",
}
