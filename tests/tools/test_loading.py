import sys

import pytest

from tools.loading import quietly_imported

CHATTER = "import os\nos.write(2, b'native chatter')\n"


@pytest.fixture(autouse=True)
def modules(tmp_path, monkeypatch):
    (tmp_path / "chatty_module.py").write_text(f"{CHATTER}VALUE = 3\n")
    (tmp_path / "failing_module.py").write_text(f"{CHATTER}raise ImportError('broken')\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("chatty_module", None)


def test_an_import_is_quiet_and_stderr_comes_back(capfd):
    assert quietly_imported("chatty_module").VALUE == 3
    print("later", file=sys.stderr)
    assert capfd.readouterr().err == "later\n"


def test_messages_of_an_import_that_fails_are_shown(capfd):
    with pytest.raises(ImportError, match="broken"):
        quietly_imported("failing_module")
    assert capfd.readouterr().err == "native chatter"
