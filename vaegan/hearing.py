"""The listener that comes with Coverband, and what it hears in a data folder."""

from __future__ import annotations

from pathlib import Path

from listener import store
from listener.hearing import Listener
from listener.remembering import remembered
from pipelines.data.companions import Companion
from pipelines.data.reader import Corpus


def listener_of(corpus: Corpus) -> Listener:
    """The listener of a data folder's spec.

    Raises:
        UserError: if it was taught another one.
    """
    listener = store.load()
    listener.spec.require_equal(corpus.spec, "the listener", str(corpus.folder))
    return listener


def companion(corpus: Corpus, workdir: Path) -> Companion:
    """What the listener hears in the songs (see `remembered`)."""
    return remembered(listener_of(corpus), corpus, workdir)
