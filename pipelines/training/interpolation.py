"""Interpolation between a song's style and the band's, as audio in TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from pipelines.data.corpus import Corpus
from pipelines.nn.fixed_latent import fixed_latent
from pipelines.nn.model import TranslationModel
from pipelines.training import projector
from pipelines.training.summaries import Summaries

STEPS = 5


def show(logs: Path, corpus: Corpus, model: TranslationModel, clips: Mapping[str, np.ndarray]) -> None:
    """Logs the first content clip with its own song's style, with the band's, and with styles between them.

    Args:
        logs: TensorBoard's folder of the run.
        corpus: the songs.
        model: with a `style_encoder`; its translator keeps the band's style.
        clips: see `pipelines.data.excerpts.validation_clips`.
    """
    multiple = model.frame_geometry[1]
    song = corpus.songs("content", "valid")[0]
    layer = fixed_latent(model.translator)
    band = np.array(layer.latent)
    own = projector.place(corpus, song, model.style_encoder, multiple)
    summaries = Summaries(logs, corpus.spec, {domain: clip[:1] for domain, clip in clips.items()})
    try:
        for share in np.linspace(0.0, 1.0, STEPS):
            layer.set_latent((1 - share) * own + share * band)
            translation = model.translator(summaries.log_mels["content"])
            description = f"{song.name} with a style {share:.0%} of the way from its own to the band's."
            tag = f"interpolation/{share:.2f}"
            summaries.translated(int(model.step.numpy()), tag, translation, description)
    finally:
        layer.set_latent(band)
        summaries.close()
