"""Loaders of the transcriber for a data folder, and of its feature cache."""

from __future__ import annotations

from pathlib import Path

from pipelines.data.corpus import Corpus
from pipelines.data.feature_cache import FrameFeatures
from transcriber import checkpoint
from transcriber.feature_cache import cached_logits
from transcriber.transcriber import Transcriber


def transcriber_of(corpus: Corpus, path: Path = checkpoint.SHIPPED) -> Transcriber:
    """Transcriber that was trained with the audio spec of a data folder.

    Args:
        corpus: the data folder.
        path: file of the transcriber.

    Raises:
        UserError: if it cannot be read, or was trained with another spec.
    """
    transcriber = checkpoint.load(path)
    name = "the transcriber" if path == checkpoint.SHIPPED else str(path)
    transcriber.spec.require_equal(corpus.spec, name, str(corpus.folder))
    return transcriber


def frame_features(corpus: Corpus, workdir: Path, path: Path = checkpoint.SHIPPED) -> FrameFeatures:
    """Feature cache of the songs' note logits, which every batch reads (see `cached_logits`).

    Args:
        corpus: the data folder.
        workdir: of the run.
        path: file of the transcriber.

    Raises:
        UserError: as `transcriber_of`, or if nothing can be written.
    """
    return cached_logits(transcriber_of(corpus, path), corpus, workdir)
