import errno
import fcntl
import re
import subprocess
import sys
from pathlib import Path

import librosa
import pytest

from pipelines import numba_cache

# All that it does is done already, so that nothing but the lock can hold it up.
SECOND = (
    "import librosa.beat, librosa.core.pitch; from pipelines import numba_cache; "
    "print('ready', flush=True); numba_cache.compile_librosa()"
)


@pytest.mark.slow
def test_a_second_process_waits_until_the_first_has_compiled():
    with numba_cache._lock_file().open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with subprocess.Popen([sys.executable, "-c", SECOND], stdout=subprocess.PIPE, text=True) as second:
            assert second.stdout.readline() == "ready\n"
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(1.0)
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert second.wait(60.0) == 0


def test_every_module_that_compiles_on_import_is_listed():
    folder = Path(librosa.__file__).parent
    declared = re.compile(r"^@(numba\.)?(gu)?vectorize\($", re.MULTILINE)
    modules = {
        ".".join(["librosa", *path.relative_to(folder).with_suffix("").parts])
        for path in folder.rglob("*.py")
        if declared.search(path.read_text())
    }
    assert modules == set(numba_cache._COMPILED_ON_IMPORT)


def test_a_file_system_without_locks(monkeypatch):
    def refused(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    monkeypatch.setattr(numba_cache, "_COMPILED_ON_IMPORT", ("librosa",))
    numba_cache.compile_librosa()
