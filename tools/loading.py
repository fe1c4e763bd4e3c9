"""Import of a command without the start-up messages of native libraries."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from types import ModuleType


def quietly_imported(name: str) -> ModuleType:
    """A module, imported while stderr is set aside; what was written there is shown only if the import fails.

    TensorFlow 2.19 and later print several lines while they load, whatever TF_CPP_MIN_LOG_LEVEL says.
    """
    with _stderr_aside():
        return importlib.import_module(name)


@contextlib.contextmanager
def _stderr_aside() -> Iterator[None]:
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as aside, os.fdopen(terminal, "wb") as shown:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except BaseException:
            aside.seek(0)
            shutil.copyfileobj(aside, shown)
            raise
        finally:
            sys.stderr.flush()
            shown.flush()
            os.dup2(terminal, 2)
