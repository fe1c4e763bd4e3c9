"""VAE-GAN of a band with nothing trained: the shipped base with the style of the band's recordings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipelines.inference.style import song_clips
from pipelines.inference.style_recordings import StyleRecording, results
from pipelines.nn.translator import Translator
from transcriber import checkpoint as transcribers
from vaegan.base import checkpoint
from vaegan.config import vaegan_base
from vaegan.model import VAEGAN

_FRAMES, _CLIPS = 384, 12
"""Frames of a clip, and the largest number of clips of a song: 53 s."""


def translator_of(recordings: Sequence[StyleRecording], base: Path = checkpoint.SHIPPED) -> Translator:
    """Translator into the style of recordings.

    Args:
        recordings: of one band; see `pipelines.inference.style_recordings.find`.
        base: file of the base.

    Raises:
        UserError: if a required recording cannot be used, or none can, or the file holds no base.
    """
    model = VAEGAN(vaegan_base(), transcribers.load())
    checkpoint.start_from(model, base)
    spec = model.config.spec

    def clips(song: Path) -> np.ndarray:
        return song_clips(song, spec, _FRAMES, _CLIPS)

    model.set_band(np.concatenate(results(recordings, clips, "encoding the band")))
    return Translator(model.translator, spec, model.translator_card())
