"""Paths that TensorFlow would misread, under a name that it reads literally."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

_MISREAD = re.compile(r"[*?\[\\\ud800-\udfff]")
"""Characters of patterns in TensorFlow's `IsGlobbingPattern`, and bytes that are no UTF-8 text."""


@contextlib.contextmanager
def literal(folder: Path) -> Iterator[Path]:
    """A path to a folder whose every character TensorFlow takes as it is.

    Restoring checkpoints and loading SavedModels expand their path as a pattern (`BundleReader`), and several
    of TensorFlow's functions require names in UTF-8. Such a folder is reached through a symbolic link in the
    system's temporary folder while the context lasts; any other is given back as it is.

    Args:
        folder: to read from or to write into; names inside it have to be plain.
    """
    if not _MISREAD.search(str(folder)):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="coverband-") as scratch:
        link = Path(scratch, "folder")
        link.symlink_to(folder.absolute(), target_is_directory=True)
        yield link
