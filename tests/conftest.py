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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the longest files, so that no worker ends with one while the other has nothing to do."""
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
