"""Literal paths for TensorFlow functions that interpret special characters."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

_MISREAD = re.compile(r"[*?\[\\\ud800-\udfff]")
"""Characters of patterns in TensorFlow's `IsGlobbingPattern`, and bytes that are not UTF-8."""


@contextlib.contextmanager
def literal(folder: Path) -> Iterator[Path]:
    """Context manager of a path to a folder that TensorFlow takes literally.

    Restoring checkpoints and loading SavedModels expand their path as a pattern (`BundleReader`), and several
    functions of TensorFlow require names in UTF-8. For such a folder, the path is that of a temporary
    symbolic link; any other path is returned unchanged.

    Args:
        folder: to read from or to write to; names inside it must be free of special characters.
    """
    if not _MISREAD.search(str(folder)):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="coverband-") as scratch:
        link = Path(scratch, "folder")
        link.symlink_to(folder.absolute(), target_is_directory=True)
        yield link
