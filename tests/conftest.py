import os
import tempfile
from collections.abc import Iterator

import pytest

from pipelines.metrics.compiled import compile_ahead

# Before any test: pytest-xdist's workers start together.
compile_ahead()


@pytest.fixture(scope="session", autouse=True)
def _own_cache() -> Iterator[None]:
    """What commands remember of songs does not go into the cache of whoever runs the tests."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_CACHE_HOME", folder)
        yield
