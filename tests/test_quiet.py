import importlib
import os
import subprocess
import sys

import pytest

from pipelines.quiet import QuietImport

CHATTER = "import os\nos.write(2, b'native chatter')\n"


@pytest.fixture(autouse=True)
def modules(tmp_path, monkeypatch):
    (tmp_path / "chatty_module.py").write_text(f"{CHATTER}VALUE = 3\n")
    (tmp_path / "failing_module.py").write_text(f"{CHATTER}raise ImportError('broken')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    yield
    sys.modules.pop("chatty_module", None)


def test_an_import_is_quiet_and_stderr_is_restored(capfd):
    sys.meta_path.insert(0, QuietImport("chatty_module"))
    assert importlib.import_module("chatty_module").VALUE == 3
    print("later", file=sys.stderr)
    assert capfd.readouterr().err == "later\n"


def test_messages_of_an_import_that_fails_are_shown(capfd):
    sys.meta_path.insert(0, QuietImport("failing_module"))
    with pytest.raises(ImportError, match="broken"):
        importlib.import_module("failing_module")
    assert capfd.readouterr().err == "native chatter"


@pytest.mark.slow
def test_tensorflow_loads_quietly():
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    code = "import pipelines, tensorflow; tensorflow.constant(1)"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
