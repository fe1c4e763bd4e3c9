import fcntl
import subprocess
import sys

import pytest

from pipelines.metrics import compiled

# All that it does is done already, so that nothing but the lock can hold it up.
SECOND = (
    "from pipelines.metrics import compiled; compiled.librosa.util.peak_pick; print('ready', flush=True); "
    "compiled.compile_ahead()"
)


def test_a_second_process_waits_until_the_first_has_compiled():
    with compiled._lock_file().open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with subprocess.Popen([sys.executable, "-c", SECOND], stdout=subprocess.PIPE, text=True) as second:
            assert second.stdout.readline() == "ready\n"
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(1.0)
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert second.wait(60.0) == 0
