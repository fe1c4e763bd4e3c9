"""The listener for a data folder, and what it hears there."""

from __future__ import annotations

from pathlib import Path

from listener import store
from listener.hearing import Listener
from listener.remembering import remembered
from pipelines.data.companions import Companion
from pipelines.data.reader import Corpus


def listener_of(corpus: Corpus, path: Path = store.SHIPPED) -> Listener:
    """A listener that was taught the data folder's spec.

    Args:
        corpus: the data folder.
        path: of the listener.

    Raises:
        UserError: if it cannot be read, or was taught another spec.
    """
    listener = store.load(path)
    name = "the listener" if path == store.SHIPPED else str(path)
    listener.spec.require_equal(corpus.spec, name, str(corpus.folder))
    return listener


def heard_in(corpus: Corpus, workdir: Path, path: Path = store.SHIPPED) -> Companion:
    """Feature cache of the songs' note logits, which every batch reads (see `remembered`).

    Args:
        corpus: the data folder.
        workdir: of the run.
        path: of the listener.

    Raises:
        UserError: as `listener_of`, or if nothing can be written.
    """
    return remembered(listener_of(corpus, path), corpus, workdir)
