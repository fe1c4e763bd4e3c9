"""The transcriber for a data folder, and what it hears there."""

from __future__ import annotations

from pathlib import Path

from pipelines.data.corpus import Corpus
from pipelines.data.feature_cache import FrameFeatures
from transcriber import checkpoint
from transcriber.feature_cache import remembered
from transcriber.transcriber import Transcriber


def transcriber_of(corpus: Corpus, path: Path = checkpoint.SHIPPED) -> Transcriber:
    """A transcriber that was taught the data folder's spec.

    Args:
        corpus: the data folder.
        path: of the transcriber.

    Raises:
        UserError: if it cannot be read, or was taught another spec.
    """
    transcriber = checkpoint.load(path)
    name = "the transcriber" if path == checkpoint.SHIPPED else str(path)
    transcriber.spec.require_equal(corpus.spec, name, str(corpus.folder))
    return transcriber


def heard_in(corpus: Corpus, workdir: Path, path: Path = checkpoint.SHIPPED) -> FrameFeatures:
    """Feature cache of the songs' note logits, which every batch reads (see `remembered`).

    Args:
        corpus: the data folder.
        workdir: of the run.
        path: of the transcriber.

    Raises:
        UserError: as `transcriber_of`, or if nothing can be written.
    """
    return remembered(transcriber_of(corpus, path), corpus, workdir)
