import gc
import os
import tempfile
from collections.abc import Iterator

import pytest

from pipelines.numba_cache import compile_librosa

# Before any test: pytest-xdist's workers start together.
compile_librosa()

# Tracing makes millions of objects that last: looking through them less often saves an eighth of the time.
gc.set_threshold(100_000, 50, 50)


_LONGEST = {"end_to_end", "serving", "training", "vaegan"}
"""Folders whose files take longest."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives a worker whole files, as `--dist loadfile` does, and one of them all tests of the shared server.

    The longest files come first, so that no worker ends with one of them while the other has nothing to do.
    """
    for item in items:
        shared = "server" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("server" if shared else str(item.path)))
    items.sort(key=lambda item: not _LONGEST.intersection(item.path.parts))


def pytest_collection_finish() -> None:
    """Takes what the imports have made out of all later collections: Keras' `clear_session` makes one."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _own_cache() -> Iterator[None]:
    """Temporary cache folder, so that commands under test do not write to the user's own cache."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_CACHE_HOME", folder)
        yield
