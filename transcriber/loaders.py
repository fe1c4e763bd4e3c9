"""Loaders of the transcriber for a data folder, and of its feature cache."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines import outputs
from pipelines.data.corpus import Corpus
from pipelines.data.feature_cache import FrameFeatures
from pipelines.errors import UserError
from pipelines.training.workdir import CHECKPOINTS
from transcriber import checkpoint
from transcriber.feature_cache import cached_logits
from transcriber.transcriber import Transcriber

FILE = "transcriber.npz"
"""Name of the transcriber in the folder of a run."""


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


def frame_features(corpus: Corpus, run: Path, path: Path = checkpoint.SHIPPED) -> FrameFeatures:
    """Feature cache of the songs' note logits, which every batch reads (see `cached_logits`).

    Args:
        corpus: the data folder.
        run: folder of the run, which keeps the transcriber that it began with.
        path: file of the transcriber of a new run.

    Raises:
        UserError: as `transcriber_of`, if nothing can be written, or if the run keeps no transcriber.
    """
    return cached_logits(_kept_transcriber(corpus, run, path), corpus, run)


def _kept_transcriber(corpus: Corpus, run: Path, path: Path) -> Transcriber:
    """Transcriber of a run, whose weights its checkpoints hold, too: another one would not fit them."""
    kept = run / FILE
    if kept.is_file():
        return transcriber_of(corpus, kept)
    if any((run / CHECKPOINTS).glob("*")):
        raise UserError(
            f"{run} was begun by an earlier version of Coverband, with another transcriber: begin a new run, "
            "or go on with that version"
        )
    transcriber = transcriber_of(corpus, path)
    with outputs.whole(kept) as unfinished:
        shutil.copyfile(path, unfinished)
    return transcriber
