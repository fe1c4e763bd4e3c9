"""Import hook that suppresses the start-up messages of TensorFlow."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from types import ModuleType


class QuietImport:
    """Import hook that redirects stderr while a module is executed, and prints it only if the import fails.

    TensorFlow 2.19 and later print several lines during import, even with TF_CPP_MIN_LOG_LEVEL=3.
    """

    def __init__(self, name: str) -> None:
        """Creates a hook for `sys.meta_path`, which removes itself after one import.

        Args:
            name: of the module.
        """
        self._name = name

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Finder protocol: spec of the module with a quiet loader; None for every other module."""
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def quietly(module: ModuleType) -> None:
            with redirected_stderr():
                execute(module)

        spec.loader.exec_module = quietly  # type: ignore[method-assign]
        return spec


@contextlib.contextmanager
def redirected_stderr() -> Iterator[None]:
    """Context manager that drops what is written to stderr, by libraries of other languages too.

    After an exception it is printed.
    """
    try:
        terminal, file = os.dup(2), tempfile.TemporaryFile()  # noqa: SIM115  (closed below)
    except OSError:  # stderr is closed, or no temporary file can be created: no redirection
        yield
        return
    with file as captured, os.fdopen(terminal, "wb") as shown:
        os.dup2(captured.fileno(), 2)
        try:
            yield
        except BaseException:
            captured.seek(0)
            shutil.copyfileobj(captured, shown)
            raise
        finally:
            shown.flush()
            os.dup2(terminal, 2)
