"""Import of TensorFlow without its start-up messages."""

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
    """Import hook: a module is executed with stderr set aside, which is shown only if the import fails.

    TensorFlow 2.19 and later print several lines while they load, whatever TF_CPP_MIN_LOG_LEVEL says.
    """

    def __init__(self, name: str) -> None:
        """Prepares the hook, for `sys.meta_path`; it removes itself.

        Args:
            name: of the module.
        """
        self._name = name

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Finder protocol: the module's own spec, executed quietly; None for every other module."""
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def quietly(module: ModuleType) -> None:
            with _stderr_aside():
                execute(module)

        spec.loader.exec_module = quietly  # type: ignore[method-assign]
        return spec


@contextlib.contextmanager
def _stderr_aside() -> Iterator[None]:
    try:
        terminal, file = os.dup(2), tempfile.TemporaryFile()  # noqa: SIM115  (closed below)
    except OSError:  # stderr is closed, or no disk takes a temporary file: then it is not quiet
        yield
        return
    with file as aside, os.fdopen(terminal, "wb") as shown:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except BaseException:
            aside.seek(0)
            shutil.copyfileobj(aside, shown)
            raise
        finally:
            shown.flush()
            os.dup2(terminal, 2)
